/** Tickets in the state that a test needs, and the commands that bring them there. */
import type { CompletePage, CompleteSend, CompleteTriage, FailSend, ProposeDraft } from '../../domain/commands.ts';
import type { Command, ReceiveMessage } from '../../domain/commands.ts';
import type { ChangeTicket, DecideDraft, Merge, Reply, RequestDraft, SetStatus } from '../../domain/person-commands.ts';
import { decide } from '../../domain/decide.ts';
import { answerId, type Effect } from '../../domain/effects.ts';
import { isRefusal, type Outcome } from '../../domain/outcome.ts';
import type { SlaPolicy } from '../../domain/sla-policy.ts';
import type { Status } from '../../domain/status.ts';
import { type Actor, blankTicket, policyFactsOf } from '../../domain/ticket.ts';
import type { Priority, Ticket, TypeFacts } from '../../domain/ticket.ts';
import { DAY, HOUR, MINUTE } from './minute-oracle.ts';

/** A Monday, nine o'clock. */
export const T0 = Date.UTC(2026, 10, 2, 9);

export const POLICY = {
  id: 'standard',
  name: 'Standard',
  version: 1,
  calendar: null,
  targets: {
    firstResponse: { urgent: HOUR / 2, high: 2 * HOUR, normal: 8 * HOUR, low: 24 * HOUR },
    nextResponse: { urgent: HOUR, high: 4 * HOUR, normal: 10 * HOUR, low: 48 * HOUR },
    resolution: { urgent: 8 * HOUR, high: 24 * HOUR, normal: 72 * HOUR, low: 168 * HOUR },
  },
  warnAt: [0.75],
  ladder: [
    { delay: 0, page: [{ kind: 'channel' }, { kind: 'assignee' }] },
    { delay: 15 * MINUTE, page: [{ kind: 'role', role: 'lead' }] },
    { delay: 30 * MINUTE, page: [{ kind: 'pagerDuty' }] },
  ],
} as const satisfies SlaPolicy;

export const REFUNDS: TypeFacts = {
  id: 'refunds',
  autonomy: 'suggest',
  assignmentMode: 'leastLoaded',
  teamId: 'billing',
  reasonRequired: false,
  autoCloseAfter: 5 * DAY,
};

export const ADA: Actor = { kind: 'agent', id: 'ada' };
/** What every command of Ada's carries. */
export const byAda = (id: string) => ({ id, requestId: 'request', by: ADA });

/** The outcome of a command that is taken. */
export function taken(ticket: Ticket, command: Command, at: number, noRoom = false): Outcome {
  const decision = decide(ticket, command, at, noRoom);
  if (isRefusal(decision)) throw new Error(decision.detail);
  return decision;
}

export function types(outcome: Outcome): string[] {
  return outcome.events.map((event) => event.type);
}

/** The effects that the ticket owes, by their kinds. */
export function owed(ticket: Ticket): string[] {
  return ticket.effects.map((effect) => effect.kind);
}

export function arrival(messageId: string, writtenAt: number, over: Partial<ReceiveMessage> = {}): ReceiveMessage {
  return {
    type: 'receiveMessage',
    id: `inbox:${messageId}`,
    requestId: 'request',
    messageId,
    textId: `text-of-${messageId}`,
    customerId: 'grace',
    customerTier: null,
    channel: 'front',
    conversationId: 'cnv_1',
    writtenAt,
    priority: null,
    supportType: null,
    tags: [],
    fieldsTextId: null,
    policy: POLICY,
    followUpOf: null,
    splitFrom: null,
    inboxId: null,
    ...over,
  };
}

export function reply(messageId: string, over: Partial<Reply> = {}): Reply {
  const words = { messageId, textId: 'words', sendAt: null, acknowledgement: false };
  return { type: 'reply', ...byAda(`reply:${messageId}`), ...words, ...over };
}

export function decision(over: Partial<DecideDraft> = {}): DecideDraft {
  const said = { draftId: 'd1', decision: 'approve', messageId: 'r1', textId: null, sendAt: null } as const;
  return { type: 'decideDraft', ...byAda('decision'), ...said, ...over };
}

export function another(draftId: string): RequestDraft {
  return { type: 'requestDraft', ...byAda(`ask-${draftId}`), draftId };
}

export function status(to: Status, over: Partial<SetStatus> = {}): SetStatus {
  return { type: 'setStatus', ...byAda(`to-${to}`), status: to, reasonTextId: null, ...over };
}

export function change(what: Partial<ChangeTicket>): ChangeTicket {
  return { type: 'change', ...byAda(`change:${Object.keys(what).join()}`), ...what };
}

export function merge(over: Partial<Merge> = {}): Merge {
  return { type: 'merge', ...byAda('merge'), into: 'other', intoNumber: 1002, ...over };
}

/** A ticket whose first message has arrived at `at`. */
export function started(at: number, over: Partial<ReceiveMessage> = {}): Ticket {
  return taken(blankTicket('t', 1001), arrival('m1', at, over), at).ticket;
}

/** A ticket that was triaged, and is open, a second after its first message. */
export function opened(at: number, over: Partial<ReceiveMessage> = {}): Ticket {
  return settled(started(at, over), 'triage', triaged('normal'), at + 1000).ticket;
}

/** An open ticket that is answered at `at` and waits on the customer. */
export function answered(ticket: Ticket, at: number, messageId = 'r1'): Ticket {
  return settled(taken(ticket, reply(messageId), at).ticket, 'send', SENT, at).ticket;
}

interface Answer {
  id: string;
  effectId: string;
}

/** Answers an effect of a ticket. */
export type Answering = (answer: Answer, ticket: Ticket, effect: Effect) => Command;

/** The outcome of the answer to the effect of `kind` that `ticket` owes. */
export function settled(ticket: Ticket, kind: Effect['kind'], answering: Answering, at: number): Outcome {
  const effect = ticket.effects.find((one) => one.kind === kind);
  if (effect === undefined) throw new Error(`The ticket owes no ${kind}.`);
  return taken(ticket, answering({ id: answerId(effect), effectId: effect.id }, ticket, effect), at);
}

/** What a triage says that finds `priority`, and leads to `supportType` where nobody chose one. */
export function triaged(priority: Priority, supportType: TypeFacts | null = null, policy: SlaPolicy = POLICY) {
  return (answer: Answer, ticket: Ticket): CompleteTriage => ({
    type: 'completeTriage',
    ...answer,
    triage: {
      category: 'billing',
      severity: 'sev3',
      priority,
      sentiment: 'neutral',
      language: 'en',
      confidence: 0.9,
      summaryTextId: 'summary',
      engine: 'heuristic',
    },
    supportType,
    policy,
    facts: {
      ...policyFactsOf(ticket),
      priority: ticket.priorityChosen ? ticket.priority : priority,
      severity: ticket.severityChosen ? ticket.severity : 'sev3',
      supportType: ticket.supportType?.id ?? supportType?.id ?? null,
    },
  });
}

export const SENT = (answer: Answer): CompleteSend => ({ type: 'completeSend', ...answer, externalId: 'msg_1' });
export const FAILED = (answer: Answer): FailSend => ({ type: 'failSend', ...answer, reasonTextId: 'why' });
export const paged =
  (to: string[]) =>
  (answer: Answer): CompletePage => ({ type: 'completePage', ...answer, to });

/** The settings that `policy` sets, looked up for what the ticket is now. */
export const lookedUp =
  (policy: SlaPolicy, supportType: TypeFacts | null = null): Answering =>
  (answer, ticket) => ({ type: 'applySettings', ...answer, policy, supportType, facts: policyFactsOf(ticket) });

export function drafted(draftId: string, messageId: string) {
  return (answer: Answer): ProposeDraft => ({
    type: 'proposeDraft',
    ...answer,
    draftId,
    messageId,
    textId: `text-of-${draftId}`,
    engine: 'model',
    confidence: 0.8,
  });
}
