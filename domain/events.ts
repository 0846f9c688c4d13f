/**
 * What happened to a ticket: the rows of its timeline, and the source of its messages, drafts and links. The `sla.…` events
 * are the metric log of its clocks.
 *
 * `data` holds ids and small facts; a key that ends in `TextId` names a text that is put in its place when it is shown.
 */
import type { Link } from './person-commands.ts';
import type { Target } from './sla-policy.ts';
import type { Status } from './status.ts';
import type { Actor, Channel, DraftDecision, Engine, Priority, Severity, Triage } from './ticket.ts';

export interface EventData {
  'ticket.created': {
    channel: Channel;
    priority: Priority;
    supportTypeId: string | null;
    followUpOf: string | null;
    splitFrom: string | null;
    fieldsTextId: string | null;
  };
  'ticket.triaged': Triage & { priorityBefore: Priority; supportTypeId: string | null };
  'ticket.changed': {
    priority?: Priority;
    severity?: Severity;
    tags?: string[];
    supportTypeId?: string;
    teamId?: string | null;
    subjectTextId?: string;
    fieldsTextId?: string;
  };
  /** `handOut`: by the desk, to somebody who must be online. */
  'ticket.assigned': { assigneeId: string; before: string | null; why: string; handOut: boolean };
  'ticket.unassigned': { before: string; why: string };
  'ticket.transferred': { assigneeId: string | null; teamId: string | null; before: string | null };
  'ticket.opened': StatusChange;
  'ticket.pending': StatusChange;
  'ticket.onHold': StatusChange;
  'ticket.escalated': StatusChange;
  'ticket.resolved': StatusChange;
  'ticket.closed': StatusChange;
  'ticket.reopened': StatusChange;
  'ticket.snoozed': { until: number | null };
  'ticket.woken': { why: 'time' | 'message' | 'person' | 'done' };
  'ticket.merged': { into: string; intoNumber: number };
  'ticket.unmerged': { into: string; intoNumber: number };
  'ticket.absorbed': { from: string; fromNumber: number };
  'ticket.released': { from: string; fromNumber: number };
  'ticket.split': { into: string; messageIds: string[] };
  'ticket.linked': { otherId: string; kind: Link };
  'ticket.unlinked': { otherId: string; kind: Link };
  'note.added': { messageId: string; textId: string };
  'message.received': { messageId: string; textId: string; customerId: string; writtenAt: number };
  'message.scheduled': { messageId: string; textId: string; draftId: string | null; sendAt: number };
  'message.undone': { messageId: string };
  /** `scheduled`: it waited before, and stands among the messages already. */
  'message.sending': { messageId: string; textId: string; draftId: string | null; scheduled: boolean };
  'message.sent': { messageId: string; externalId: string | null };
  'message.failed': { messageId: string; reasonTextId: string | null };
  /** A person asks for another one; `draftId` is the id that it will have. */
  'draft.requested': { draftId: string; messageId: string };
  'draft.proposed': { draftId: string; messageId: string; textId: string; engine: Engine; confidence: number };
  'draft.decided': { draftId: string; decision: DraftDecision; textId: string | null };
  'draft.stale': { draftId: string; newerMessageId: string | null };
  'sla.activated': Applied & { startedAt: number };
  'sla.policyApplied': Applied;
  'sla.paused': { targets: Target[]; reason: string };
  'sla.resumed': { targets: Deadline[] };
  'sla.cancelled': { targets: Target[]; reason: string };
  'sla.warned': { target: Target; dueAt: number };
  'sla.breached': { target: Target; dueAt: number };
  /** `late`: after it was breached. */
  'sla.fulfilled': { target: Target; dueAt: number | null; late: boolean };
  'escalation.paged': { step: number; target: Target; dueAt: number; to: string[] };
  'escalation.failed': { step: number; target: Target; dueAt: number };
  'escalation.acknowledged': { target: Target };
  'escalation.postponed': { target: Target; until: number };
  'escalation.stopped': { target: Target; reason: string };
}

export interface Deadline {
  target: Target;
  /** Null while paused, or when the calendar has no such time ahead. */
  dueAt: number | null;
}

/** Under which policy targets hold from now on; `allowed` in milliseconds of counted time. */
interface Applied {
  policyId: string;
  policyVersion: number;
  priority: Priority;
  targets: (Deadline & { allowed: number })[];
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
