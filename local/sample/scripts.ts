/**
 * What becomes of a sample ticket, step by step: what is noted and answered, and how it ends. Each fate has a script; the
 * index varies the words. The desk's own dispatch hands tickets out, so no script does but for types that are taken by hand.
 */
import type { Customer } from './customers.ts';
import { ANSWERS } from './answers.ts';
import { AFTERTHOUGHTS, ESCALATION_REASONS, GREETINGS, habitsOf } from './words.ts';

export const FATE_NAMES = [
  'late',
  'atRisk',
  'open',
  'untouched',
  'pending',
  'onHold',
  'snoozed',
  'escalated',
  'resolved',
  'closed',
  'reopened',
  'merged',
] as const;
export type Fate = (typeof FATE_NAMES)[number];

export type Step =
  /** Somebody takes it. */
  | { do: 'take' }
  | { do: 'change'; supportType?: string; tags?: string[]; priority?: 'normal' }
  | { do: 'note'; body: string }
  /** Waits until the answer is sent; the draft that waits goes out where there is one and `draft` says so. */
  | { do: 'answer'; body: string; draft: boolean }
  | { do: 'status'; status: 'on_hold' | 'escalated' | 'resolved' | 'closed'; reason: string | null }
  /** Null: until the next message. */
  | { do: 'snooze'; hours: number | null }
  /** The customer writes again. */
  | { do: 'write'; body: string }
  | { do: 'acknowledge' }
  | { do: 'merge'; into: string };

export interface Casting {
  fate: Fate;
  index: number;
  type: string;
  team: string;
  /** ISO 639-1. */
  language: string;
  customer: Customer;
  byMail: boolean;
  /** Whether tickets of its type are taken by hand. */
  byHand: boolean;
  tags: readonly string[];
  /** The type that an agent corrects the triage to, or null. */
  retype: string | null;
  /** Whether an agent takes it more seriously than the triage did. */
  raise: boolean;
}

/** The steps of a ticket after it has been triaged, in order. */
export function scriptOf(casting: Casting): Step[] {
  const { fate, index, team } = casting;
  const change = changeOf(casting);
  const prepared: Step[] = change === null ? [] : [change];
  if (fate !== 'untouched' && fate !== 'late' && index % 4 === 0) {
    prepared.push({ do: 'note', body: pick(habitsOf(team).notes, index / 4) });
  }
  return [...prepared, ...endOf(casting)];
}

function endOf(casting: Casting): Step[] {
  const { fate, index, byHand, team } = casting;
  const taken: Step[] = byHand ? [{ do: 'take' }] : [];
  const answered = answerOf(casting);
  const resolved: Step = { do: 'status', status: 'resolved', reason: null };
  switch (fate) {
    case 'untouched':
    case 'merged':
      return [];
    case 'late':
      return index % 4 === 0 ? [{ do: 'acknowledge' }] : [];
    case 'atRisk':
    case 'open':
      return taken;
    case 'pending':
      return [answered];
    case 'onHold':
      return [answered, { do: 'status', status: 'on_hold', reason: pick(habitsOf(team).waitsFor, index / 2) }];
    case 'snoozed':
      return [...taken, { do: 'snooze', hours: index % 3 === 0 ? null : 3 + (index % 40) }];
    case 'escalated':
      return [...taken, { do: 'status', status: 'escalated', reason: pick(ESCALATION_REASONS, index) }];
    case 'resolved':
      return [answered, resolved];
    case 'closed':
      return [answered, { do: 'status', status: 'closed', reason: null }];
    case 'reopened':
      return [answered, resolved, { do: 'write', body: pick(AFTERTHOUGHTS, index) }];
  }
}

/** The tags that an agent adds to a mail, or a form brings along. */
export function tagsOf(team: string, index: number): string[] {
  return index % 3 === 0 ? [pick(habitsOf(team).tags, index / 3)] : [];
}

/** The correction of the triage, with the tags of a mail; a form brings its own. */
function changeOf({ byMail, tags, retype, raise }: Casting): Step | null {
  const tagged = byMail && tags.length > 0;
  if (retype === null && !tagged && !raise) return null;
  return {
    do: 'change',
    ...(retype !== null && { supportType: retype }),
    ...(tagged && { tags: [...tags] }),
    ...(raise && { priority: 'normal' }),
  };
}

function answerOf({ index, type, language, customer }: Casting): Step {
  const greeting = (GREETINGS.get(language) ?? 'Hello {name},').replace('{name}', customer.name);
  const body = `${greeting}\n\n${ANSWERS.get(type) ?? ''}`;
  // What is not written in English is left to the draft, which knows the language.
  return { do: 'answer', body, draft: language !== 'en' || index % 3 === 0 };
}

function pick<T>(from: readonly T[], index: number): T {
  const one = from[Math.floor(index) % from.length];
  if (one === undefined) throw new Error('The sample has nothing to pick from.');
  return one;
}
