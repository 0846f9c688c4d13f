/** Scripts of commands in any order, and what each of their steps comes to. */
import fc from 'fast-check';
import { agenda } from '../../domain/agenda.ts';
import type { Command } from '../../domain/commands.ts';
import { LINKS, type PersonCommand, PERSON_COMMANDS } from '../../domain/person-commands.ts';
import { decide } from '../../domain/decide.ts';
import { answerId, type Effect } from '../../domain/effects.ts';
import { type Decision, isRefusal, type Outcome } from '../../domain/outcome.ts';
import type { SlaPolicy } from '../../domain/sla-policy.ts';
import { STATUSES } from '../../domain/status.ts';
import { blankTicket, DRAFT_DECISIONS, policyFactsOf, PRIORITIES, SEVERITIES } from '../../domain/ticket.ts';
import type { Actor, Ticket, TypeFacts } from '../../domain/ticket.ts';
import { calendarOf, everyDay, HOUR, MINUTE } from './minute-oracle.ts';
import { arrival, drafted, FAILED, paged, POLICY, REFUNDS, SENT, T0, triaged } from './tickets.ts';

const OFFICE: SlaPolicy = {
  ...POLICY,
  id: 'office',
  version: 2,
  calendar: calendarOf('UTC', T0, everyDay({ from: 540, to: 1020 })),
  targets: { ...POLICY.targets, nextResponse: null },
  warnAt: [0.5, 0.9],
  ladder: [{ delay: HOUR, page: [{ kind: 'channel' }] }],
};
const LENIENT: SlaPolicy = {
  ...POLICY,
  id: 'lenient',
  version: 3,
  targets: { ...POLICY.targets, resolution: null },
  warnAt: [],
  ladder: [],
};
const POLICIES: readonly SlaPolicy[] = [POLICY, OFFICE, LENIENT];
const TYPES: readonly (TypeFacts | null)[] = [
  null,
  REFUNDS,
  { ...REFUNDS, id: 'legal', autonomy: 'off', assignmentMode: 'manual', teamId: null, reasonRequired: true },
];

/** One step of a script: what is tried next, how much time passes before, and whether there is room for it. */
export interface Step {
  kind: 'message' | 'answer' | 'agenda' | 'settings' | 'absorb' | PersonCommand['type'];
  pick: number;
  wait: number;
  noRoom: boolean;
}

export const anyScript: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.oneof(
      { weight: 2, arbitrary: fc.constantFrom('message', 'settings', 'absorb', 'reply', 'setStatus', 'unmerge') },
      { weight: 3, arbitrary: fc.constantFrom('answer', 'agenda') },
      { weight: 3, arbitrary: fc.constantFrom(...PERSON_COMMANDS) },
    ),
    pick: fc.nat({ max: 60 }),
    wait: fc.oneof(fc.constant(0), fc.nat({ max: HOUR }), fc.nat({ max: 30 * HOUR })),
    noRoom: fc.boolean(),
  }),
  { maxLength: 50, size: 'max' },
);

/** A step that was tried, and what came of it. */
export interface Tried {
  before: Ticket;
  command: Command;
  at: number;
  noRoom: boolean;
  decision: Decision;
}

/** A step that was taken. */
export interface Played extends Tried {
  decision: Outcome;
}

/** Plays `script` from a blank ticket: all that was tried, each step with the ticket before it. */
export function tryOut(script: readonly Step[]): Tried[] {
  const tried: Tried[] = [];
  let ticket = blankTicket('t', 1001);
  let at = T0;
  const first: Step = { kind: 'message', pick: 0, wait: 0, noRoom: false };
  for (const [index, step] of [first, ...script].entries()) {
    at = step.kind === 'agenda' ? Math.max(at, agenda(ticket)[0]?.at ?? at) : at + step.wait;
    const command = commandOf(step, ticket, index, at);
    if (command === undefined) continue;
    const { noRoom } = step;
    const decision = decide(ticket, command, at, noRoom);
    tried.push({ before: ticket, command, at, noRoom, decision });
    if (!isRefusal(decision)) ticket = decision.ticket;
  }
  return tried;
}

/** Plays `script`: the steps that changed something. */
export function play(script: readonly Step[]): Played[] {
  return tryOut(script).filter(
    (step): step is Played => !isRefusal(step.decision) && step.decision.ticket !== step.before,
  );
}

function of<T>(list: readonly T[], pick: number): T {
  const one = list[pick % list.length];
  if (one === undefined) throw new Error('There is nothing to pick from.');
  return one;
}

function commandOf({ kind, pick, noRoom }: Step, ticket: Ticket, index: number, at: number): Command | undefined {
  switch (kind) {
    case 'message': {
      const supportType = of(TYPES, pick);
      // Vendors tell whole seconds, so that two messages may be of the same instant.
      const writtenAt = Math.floor((at - pick * MINUTE) / HOUR) * HOUR;
      return arrival(`m${index}`, writtenAt, {
        supportType,
        policy: of(POLICIES, pick),
        priority: of([null, 'high'], pick),
      });
    }
    case 'answer':
      return ticket.effects.length === 0 ? undefined : answerTo(of(ticket.effects, pick), ticket, pick);
    case 'agenda':
      // With the room that there is: only what a person or a customer asks for takes some.
      return noRoom ? undefined : agenda(ticket)[0]?.command;
    case 'settings': {
      const facts = policyFactsOf(ticket);
      const found = { policy: of(POLICIES, pick), facts, supportType: of(TYPES, pick) };
      return { type: 'applySettings', id: `c${index}`, effectId: null, ...found };
    }
    case 'absorb': {
      const by = { kind: 'agent', id: 'ada' } as const;
      return { type: 'absorb', id: `c${index}`, from: 'other', fromNumber: 1002, released: pick % 2 === 1, by };
    }
    default:
      return personCommand(kind, pick, ticket, index, at);
  }
}

function personCommand(
  type: PersonCommand['type'],
  pick: number,
  ticket: Ticket,
  index: number,
  at: number,
): PersonCommand {
  const agents = ['ada', 'ben', 'eve'];
  const by: Actor = { kind: 'agent', id: of(agents, pick) };
  const asked = { id: `c${index}`, requestId: 'request', by };
  const sendAt = of([null, at + 10_000, at + pick * HOUR, at - 1], pick);
  const words = { messageId: `r${index}`, textId: 'words' };
  switch (type) {
    case 'decideDraft': {
      const draftId = ticket.draft?.id ?? ticket.decidedDrafts[0]?.id ?? 'none';
      const textId = of(['edited', null], pick >> 2);
      return {
        type,
        ...asked,
        draftId,
        decision: of(DRAFT_DECISIONS, pick),
        messageId: words.messageId,
        textId,
        sendAt,
      };
    }
    case 'requestDraft':
      return { type, ...asked, draftId: `d${index}` };
    case 'reply':
      return { type, ...asked, ...words, sendAt, acknowledgement: pick % 5 === 0 };
    case 'undoSend':
      return {
        type,
        ...asked,
        messageId: ticket.outbox.at(pick % Math.max(1, ticket.outbox.length))?.messageId ?? 'none',
      };
    case 'addNote':
      return { type, ...asked, ...words };
    case 'setStatus':
      return { type, ...asked, status: of(STATUSES, pick), reasonTextId: of([null, 'reason'], pick) };
    case 'change':
      return { type, ...asked, ...of(changes(pick), pick) };
    case 'snooze':
      return { type, ...asked, until: of([null, at + pick * HOUR, at - 1], pick) };
    case 'unsnooze':
    case 'unmerge':
    case 'acknowledge':
      return { type, ...asked };
    case 'assign':
      return { type, ...asked, agentId: of(agents, pick >> 1), handOut: pick % 2 === 0, why: 'Asked for.' };
    case 'unassign':
      return { type, ...asked, agentId: of([null, ...agents], pick), why: 'Asked for.' };
    case 'transfer':
      return {
        type,
        ...asked,
        agentId: of([null, ...agents], pick),
        teamId: of([null, 'billing'], pick),
        note: of([null, words], pick),
      };
    case 'merge':
      return { type, ...asked, into: of(['other', 'third', ticket.id], pick), intoNumber: 1002 };
    case 'split':
      return { type, ...asked, into: 'other', messageIds: ['m0'] };
    case 'link':
    case 'unlink':
      return { type, ...asked, otherId: of(['other', ticket.id], pick), kind: of(LINKS, pick) };
    case 'postpone':
      return { type, ...asked, minutes: pick + 1 };
  }
}

function changes(pick: number) {
  return [
    { priority: of(PRIORITIES, pick) },
    { severity: of(SEVERITIES, pick), tags: ['vip'] },
    { supportType: of(TYPES, pick) ?? REFUNDS, teamId: of([null, 'billing'], pick) },
    { subjectTextId: 'subject', fieldsTextId: 'fields' },
  ];
}

function answerTo(effect: Effect, ticket: Ticket, pick: number): Command {
  const base = { id: answerId(effect), effectId: effect.id };
  const policy = of(POLICIES, pick);
  switch (effect.kind) {
    case 'triage':
      return triaged(of(PRIORITIES, pick), of(TYPES, pick), policy)(base, ticket);
    case 'draft':
      return drafted(effect.draftId ?? `d-${effect.messageId}`, effect.messageId)(base);
    case 'send':
      return of([SENT, FAILED], pick)(base);
    case 'page':
      return paged(of([['slack'], []], pick))(base);
    case 'settings':
      return { type: 'applySettings', ...base, policy, supportType: of(TYPES, pick), facts: policyFactsOf(ticket) };
    case 'tell':
      return { type: 'completeEffect', ...base };
  }
}
