/**
 * What Slack shows of a ticket: the card, and the message that something is late. Pure: facts in, blocks out.
 *
 * A customer's words are escaped and are never parsed for mentions, so none of them can call anybody; they stand in blocks
 * only, never in `text`, which reaches notifications and lock screens. Does not promise that Slack shows no emoji or bold
 * print that a customer typed.
 */
import type { types } from '@slack/bolt';
import { type DraftDecision, type Engine, referenceOf, type Ticket } from '../domain/ticket.ts';
import type { Clock } from '../domain/clock.ts';
import { TARGET_NAMES, type Target } from '../domain/sla-policy.ts';

export interface TicketFacts {
  id: string;
  subject: string;
  /** The customer's name, or the address where there is none. */
  customer: string;
  assignee: string | null;
  state: Ticket;
  /** The newest draft. */
  draft: DraftFacts | null;
}

export interface DraftFacts {
  id: string;
  state: 'proposed' | 'stale' | DraftDecision;
  engine: Engine;
  body: string;
  /** A name, or such as `the bot` where there is none; null while nobody has decided. */
  decidedBy: string | null;
}

/** A message to Slack but for its key. */
export interface Drawing {
  blocks: types.KnownBlock[];
  text: string;
}

/** The buttons of a draft that waits, by the action that Slack names when one is clicked. */
export const DRAFT_ACTIONS = { draft_approve: 'approve', draft_discard: 'discard' } as const satisfies Record<
  string,
  DraftDecision
>;

/** Slack takes 3,000 characters a section; the label of the draft needs some of them. */
const MAX_DRAFT = 2_900;
const MAX_LINE = 300;

/** The card of a ticket as it stands at `now`; it has buttons only while its newest draft waits. */
export function cardMessage(ticket: TicketFacts, now: number): Drawing {
  const { state } = ticket;
  const about = state.triage === null ? 'not triaged yet' : words(state.triage.category);
  const engine = state.triage === null ? '' : ` (${engineName(state.triage.engine)})`;
  const facts = [
    `*Status:* ${words(state.status)}`,
    `*Priority:* ${state.priority}`,
    `*Category:* ${about}${engine}`,
    `*Customer:* ${line(ticket.customer)}`,
    `*Assigned to:* ${ticket.assignee === null ? 'nobody' : line(ticket.assignee)}`,
    `*First response:* ${clockLine(state.clocks.firstResponse, now)}`,
  ];
  const title = section(`*${referenceOf(state)}* ${line(ticket.subject)}`);
  return {
    text: `${referenceOf(state)} is ${words(state.status)}`,
    blocks: [{ ...title, fields: facts.map(mrkdwn) }, ...draftBlocks(ticket)],
  };
}

/**
 * The message that the target due at `dueAt` is late at `now`; it calls the Slack users `mentions`, whose ids are Slack's
 * own.
 */
export function escalationMessage(
  ticket: Pick<TicketFacts, 'customer' | 'assignee' | 'state'>,
  target: Target,
  dueAt: number,
  now: number,
  mentions: readonly string[] = [],
): Drawing {
  const reference = referenceOf(ticket.state);
  const late = `${TARGET_NAMES[target]} ${duration(now - dueAt)} late`;
  const owner = ticket.assignee === null ? 'Nobody has taken it.' : `${line(ticket.assignee)} has it.`;
  const called = mentions.map((id) => ` <@${id}>`).join('');
  const words = `:rotating_light: *${reference}* from ${line(ticket.customer)}: *${late}*. ${owner}${called}`;
  return { text: `${reference}: ${late}${called}`, blocks: [section(words)] };
}

function draftBlocks({ id: ticketId, state, draft }: TicketFacts): types.KnownBlock[] {
  if (draft === null) return [];
  if (state.draft?.id !== draft.id) return [section(verdictOn(draft))];
  const value = JSON.stringify({ ticketId, draftId: draft.id });
  return [
    section(`*Draft (${engineName(draft.engine)})*\n${escaped(draft.body, MAX_DRAFT)}`),
    {
      type: 'actions',
      elements: [
        { type: 'button', action_id: 'draft_approve', style: 'primary', text: plain('Approve'), value },
        { type: 'button', action_id: 'draft_discard', text: plain('Discard'), value },
      ],
    },
  ];
}

function verdictOn(draft: DraftFacts): string {
  const name = `Draft (${engineName(draft.engine)})`;
  const by = line(draft.decidedBy ?? 'somebody');
  switch (draft.state) {
    case 'approve':
      return `${name} approved by ${by}.`;
    case 'edit':
      return `${name} edited and approved by ${by}.`;
    case 'discard':
      return `${name} discarded by ${by}.`;
    case 'proposed':
    case 'stale':
      return `${name} is stale: the conversation went on after it was written, or another was asked for.`;
  }
}

function clockLine(clock: Clock | null, now: number): string {
  if (clock === null) return 'no deadline';
  const { dueAt, fulfilledAt, breachedAt } = clock;
  if (fulfilledAt !== null && breachedAt !== null) return `came ${duration(fulfilledAt - (dueAt ?? breachedAt))} late`;
  if (fulfilledAt !== null) return 'given in time';
  if (dueAt === null) return 'paused';
  if (breachedAt !== null || now >= dueAt) return `*late by ${duration(now - dueAt)}*, was due ${instant(dueAt)}`;
  return `due in ${duration(dueAt - now)}, ${instant(dueAt)}`;
}

/** Days, hours and minutes, the two largest; what is under a minute says so. */
function duration(ms: number): string {
  const minutes = Math.floor(Math.abs(ms) / 60_000);
  const parts = [
    [Math.floor(minutes / 1440), 'd'],
    [Math.floor(minutes / 60) % 24, 'h'],
    [minutes % 60, 'min'],
  ].filter(([count]) => count !== 0);
  if (parts.length === 0) return 'less than a minute';
  return parts
    .slice(0, 2)
    .map((part) => part.join(' '))
    .join(' ');
}

/** An instant in the reader's own zone: the card is read long after it was drawn. */
function instant(at: number): string {
  const fallback = `${new Date(at).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
  return `<!date^${Math.floor(at / 1000)}^{date_short_pretty} {time}|${fallback}>`;
}

function engineName(engine: Engine): string {
  return engine === 'simulator' ? 'simulated' : engine;
}

function words(name: string): string {
  return name.replaceAll('_', ' ');
}

/** Somebody's words as one line. */
function line(text: string): string {
  return escaped(text.replaceAll(/\s+/g, ' ').trim(), MAX_LINE);
}

const ESCAPES: Readonly<Record<string, string>> = { '&': '&amp;', '<': '&lt;', '>': '&gt;' };

/** Signs that turn the order of what stands around them, so that words could pass for others. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/g;

/**
 * `text` with Slack's three signs escaped and nothing that turns its order, cut to `limit` characters without cutting through
 * an escape or a letter.
 */
function escaped(text: string, limit: number): string {
  let out = '';
  for (const letter of text.toWellFormed().replaceAll(TURNS, '')) {
    const next = ESCAPES[letter] ?? letter;
    if (out.length + next.length >= limit) return `${out}…`;
    out += next;
  }
  return out;
}

function section(text: string): types.SectionBlock {
  return { type: 'section', text: mrkdwn(text) };
}

/** `verbatim` keeps Slack from making mentions and links of what only looks like one. */
function mrkdwn(text: string): types.MrkdwnElement {
  return { type: 'mrkdwn', text, verbatim: true };
}

function plain(text: string): types.PlainTextElement {
  return { type: 'plain_text', text };
}
