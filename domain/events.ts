/**
 * What happened to a ticket: the rows of its timeline, and the source of its messages and drafts.
 *
 * `data` holds ids and small facts; a key that ends in `TextId` names a text that is put in its place when it is shown.
 */
import type { Status } from './status.ts';
import type { Actor, Channel, DraftDecision, Engine, Priority, Triage } from './ticket.ts';

export interface EventData {
  'ticket.created': { channel: Channel; priority: Priority; followUpOf: string | null };
  'ticket.triaged': Triage & { priorityBefore: Priority };
  'ticket.assigned': { assigneeId: string };
  'ticket.opened': StatusChange;
  'ticket.pending': StatusChange;
  'ticket.resolved': StatusChange;
  'ticket.closed': StatusChange;
  'ticket.reopened': StatusChange;
  'message.received': { messageId: string; textId: string; customerId: string; writtenAt: number };
  'message.sending': { messageId: string; textId: string; draftId: string | null };
  'message.sent': { messageId: string; externalId: string | null };
  'message.failed': { messageId: string; reasonTextId: string | null };
  'draft.proposed': { draftId: string; messageId: string; textId: string; engine: Engine; confidence: number };
  'draft.decided': { draftId: string; decision: DraftDecision; textId: string | null };
  'draft.stale': { draftId: string; newerMessageId: string | null };
  'sla.warned': { target: 'firstResponse'; dueAt: number };
  'sla.breached': { target: 'firstResponse'; dueAt: number };
  'sla.fulfilled': { target: 'firstResponse'; dueAt: number };
  'escalation.paged': { to: string; dueAt: number };
  'escalation.failed': { dueAt: number };
}

interface StatusChange {
  from: Status;
  reasonTextId: string | null;
}

export type EventType = keyof EventData;

export type TicketEvent = {
  [T in EventType]: {
    /** Counts from 1 within its ticket. */
    sequence: number;
    type: T;
    /** Milliseconds since 1970. */
    at: number;
    actor: Actor;
    /** The command that brought it about. */
    causedBy: string;
    data: EventData[T];
  };
}[EventType];
