/**
 * The sample's plan: who writes what, how long ago, and what becomes of it. Pure and the same each time, so that two desks
 * show the same tickets; only the days move with the present.
 *
 * Counts on the simulator's triage and on the sample's own policies for what is late or near it. Does not promise that the
 * desk follows: its dispatcher, and whoever works at it, may be quicker.
 */
import { SUPPORT_TYPES } from '../../db/support-types.ts';
import { supportTypeFor } from '../../domain/support-type.ts';
import { CATEGORIES } from '../../domain/ticket.ts';
import { triageOf } from '../simulators/openai-answers.ts';
import { type Customer, CUSTOMERS } from './customers.ts';
import { formOf } from './forms.ts';
import { fillIn, type Letter, type Particulars } from './letter.ts';
import { BILLING } from './letters-billing.ts';
import { FULFILMENT } from './letters-fulfilment.ts';
import { SECURITY } from './letters-security.ts';
import { SUCCESS } from './letters-success.ts';
import { TECHNICAL } from './letters-technical.ts';
import { firstResponseMinutes } from './policies.ts';
import { type Fate, scriptOf, type Step, tagsOf } from './scripts.ts';
import { AFTERTHOUGHTS, SIGN_OFFS } from './words.ts';

export interface SampleTicket {
  /** Names the ticket within the plan, and its conversation. */
  key: string;
  customer: Customer;
  subject: string;
  body: string;
  /** By Front a customer writes a mail; by the API they fill in a form, which says the type. */
  channel: 'front' | 'api';
  /** The type that the ticket has in the end. */
  type: string;
  /** Minutes from when it was written until the desk hears of it; only a mail can have waited. */
  ago: number;
  customFields: Record<string, string | number | boolean>;
  /** Those that a form brings along. */
  tags: readonly string[];
  fate: Fate;
  steps: readonly Step[];
}

/** One round; as many rounds as it takes for every letter to be written twice. */
const FATES: readonly Fate[] = [
  'resolved',
  'pending',
  'open',
  'late',
  'closed',
  'untouched',
  'onHold',
  'pending',
  'resolved',
  'snoozed',
  'atRisk',
  'closed',
  'open',
  'pending',
  'resolved',
  'reopened',
  'late',
  'pending',
  'untouched',
  'onHold',
  'resolved',
  'escalated',
  'pending',
  'closed',
  'atRisk',
  'snoozed',
  'open',
  'resolved',
];
const ROUNDS = 7;

/** How many customers write a second time about the same thing, and how many letters later. */
const DUPLICATES = 6;
const LATER = 9;

/** From one customer to the next in their list, so that colleagues do not write one after the other. */
const STRIDE = 7;

const PRODUCTS = ['reading lamp', 'walnut desk', 'standing mat', 'linen chair', 'steel shelf', 'oak bench', 'wool rug'];

/** The whole plan, in the order in which the letters come. */
export function planOf(): SampleTicket[] {
  const byTeam = [BILLING, FULFILMENT, TECHNICAL, SECURITY, SUCCESS].map((letters) => [
    ...Map.groupBy(letters, ({ type }) => type).values(),
  ]);
  // A letter of each type before the second of any, so that a desk that is cut short has all of them.
  const all = interleaved(interleaved(byTeam));
  const count = FATES.length * ROUNDS;
  /** How many letters of a language were written before. */
  const turns = new Map<string, number>();
  const tickets = Array.from({ length: count }, (_, index) => {
    const letter = all[index % all.length];
    if (letter === undefined) throw new Error('The sample has no letters.');
    const turn = turns.get(letter.language) ?? 0;
    turns.set(letter.language, turn + 1);
    return ticketOf(letter, { index, turn, again: index >= all.length });
  });
  const firsts = tickets.filter(({ fate }) => fate === 'open' || fate === 'pending').slice(0, DUPLICATES);
  return tickets.flatMap((ticket, index) => {
    const earlier = tickets[index - LATER];
    if (earlier === undefined || !firsts.includes(earlier)) return [ticket];
    return [ticket, duplicateOf(earlier, count + firsts.indexOf(earlier))];
  });
}

function ticketOf(
  letter: Letter,
  { index, turn, again }: { index: number; turn: number; again: boolean },
): SampleTicket {
  const fate = FATES[index % FATES.length] ?? 'open';
  const particulars = particularsOf(letter.language, index);
  const customer = customerFor(letter, turn, fate);
  const subject = fillIn(letter.subject, particulars);
  const body = `${fillIn(letter.body, particulars)}\n\n${signOff(letter, customer, index)}`;
  const triage = triageOf(`${subject}\n\n${body}`);
  const guessed = typeFor(triage.category);
  // What is late was written a while ago, which only a mail can have been, and only a mail goes on; some write one about
  // what has a form.
  const byMail = guessed === letter.type || isDated(fate) || fate === 'reopened' || (again && index % 2 === 0);
  // Until it is triaged a ticket has normal priority, and what is late by that is late.
  const isLow = triage.priority === 'low';
  const minutes = firstResponseMinutes(customer.tier, isLow ? 'normal' : triage.priority);
  const type = SUPPORT_TYPES.find(({ id }) => id === letter.type);
  const team = type?.teamId ?? 'success';
  const tags = tagsOf(team, index);
  return {
    key: `crowd${index + 1}`,
    customer,
    subject,
    body,
    channel: byMail ? 'front' : 'api',
    type: letter.type,
    ago: byMail ? Math.round(minutes * shareOf(fate, index)) : 0,
    customFields: byMail ? {} : formOf(letter.type, particulars, customer, index),
    tags: byMail ? [] : tags,
    fate,
    steps: scriptOf({
      fate,
      index,
      type: letter.type,
      team,
      language: letter.language,
      customer,
      byMail,
      byHand: type?.assignmentMode === 'manual',
      tags,
      retype: byMail && guessed !== letter.type ? letter.type : null,
      raise: isDated(fate) && isLow,
    }),
  };
}

/** The type that a triage's category leads to. */
function typeFor(category: string): string {
  const known = CATEGORIES.find((one) => one === category) ?? 'other';
  return supportTypeFor(known, SUPPORT_TYPES)?.id ?? 'other';
}

function isDated(fate: Fate): boolean {
  return fate === 'late' || fate === 'atRisk';
}

/** How much of the first response's target has passed when the desk hears of it. */
function shareOf(fate: Fate, index: number): number {
  if (fate === 'late') return 1.1 + (index % 5) * 0.3;
  if (fate === 'atRisk') return 0.8 + (index % 4) * 0.04;
  return 0.04 + (index % 11) * 0.05;
}

/** The next who writes in the letter's language; what is late by the clock is nobody's whose clock rests at weekends. */
function customerFor({ language }: Letter, turn: number, fate: Fate): Customer {
  const speaking = CUSTOMERS.filter((one) => one.language === language);
  const ordered = speaking.map((_, index) => speaking[((turn + index) * STRIDE) % speaking.length]);
  const customer = ordered.find((one) => one !== undefined && !(isDated(fate) && one.tier === 'business'));
  if (customer === undefined) throw new Error(`No customer of the sample writes in "${language}".`);
  return customer;
}

/** The same customer writes about the same thing once more; it goes into the first ticket. */
function duplicateOf(first: SampleTicket, index: number): SampleTicket {
  const afterthought = AFTERTHOUGHTS[index % AFTERTHOUGHTS.length] ?? '';
  const subject = `Again: ${first.subject}`;
  const body = `${afterthought}\n\n${first.customer.name}`;
  return {
    ...first,
    key: `crowd${index + 1}`,
    subject,
    body,
    type: typeFor(triageOf(`${subject}\n\n${body}`).category),
    channel: 'front',
    ago: 0,
    customFields: {},
    tags: [],
    fate: 'merged',
    steps: [{ do: 'merge', into: first.key }],
  };
}

function signOff({ language }: Letter, { name }: Customer, index: number): string {
  const lines = SIGN_OFFS.get(language) ?? [];
  return (lines[index % lines.length] ?? '{name}').replace('{name}', name);
}

function particularsOf(language: string, index: number): Particulars {
  // A Wednesday to begin with; which one does not matter.
  const day = new Date(Date.UTC(2026, 0, 7 + (index % 5)));
  return {
    order: `HF-${20_417 + index * 13}`,
    invoice: `R-2026-${1_180 + index * 7}`,
    amount: 19 + ((index * 37) % 460) + 0.9,
    tracking: `00340${434_161_094 + index * 9_973}`,
    product: PRODUCTS[index % PRODUCTS.length] ?? 'reading lamp',
    weekday: new Intl.DateTimeFormat(language, { weekday: 'long', timeZone: 'UTC' }).format(day),
  };
}

/** One of each list in turn. */
function interleaved<T>(lists: readonly (readonly T[])[]): T[] {
  const longest = Math.max(...lists.map(({ length }) => length));
  return Array.from({ length: longest }, (_, index) => lists.flatMap((list) => list.slice(index, index + 1))).flat();
}
