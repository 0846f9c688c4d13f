/**
 * The ticket: what its workflow carries. Ids and small facts only: what people wrote stays in PostgreSQL and is named by
 * its text id, so a workflow's history never holds it. Plain JSON, so that it survives continue-as-new.
 */
import type { AssignmentMode } from './assignment.ts';
import { type Clock, isOverdue, isRunning } from './clock.ts';
import type { Effect } from './effects.ts';
import type { PolicyFacts, SlaPolicy, Target } from './sla-policy.ts';
import { isDone, type Status } from './status.ts';
import type { Autonomy } from './support-type.ts';

export const PRIORITIES = ['low', 'normal', 'high', 'urgent'] as const;
export type Priority = (typeof PRIORITIES)[number];

export const SEVERITIES = ['sev1', 'sev2', 'sev3', 'sev4'] as const;
export type Severity = (typeof SEVERITIES)[number];

export const CATEGORIES = [
  'billing',
  'refund',
  'shipping',
  'outage',
  'bug',
  'account_access',
  'security',
  'data_request',
  'how_to',
  'other',
] as const;
export type Category = (typeof CATEGORIES)[number];

export const SENTIMENTS = ['positive', 'neutral', 'negative'] as const;
export type Sentiment = (typeof SENTIMENTS)[number];

/** Where a ticket's messages come from and its replies go to. A reply on `api` is read through the API. */
export const CHANNELS = ['api', 'front'] as const;
export type Channel = (typeof CHANNELS)[number];

/** Who wrote a triage or a draft. */
export const ENGINES = ['model', 'quimbi', 'heuristic', 'simulator'] as const;
export type Engine = (typeof ENGINES)[number];

export const DRAFT_DECISIONS = ['approve', 'edit', 'discard'] as const;
export type DraftDecision = (typeof DRAFT_DECISIONS)[number];

/** Who did it; the name is looked up when it is shown. */
export interface Actor {
  kind: 'agent' | 'bot' | 'customer' | 'system' | 'rule' | 'integration';
  id: string | null;
}
export const SYSTEM: Actor = { kind: 'system', id: null };

export interface Triage {
  category: Category;
  severity: Severity;
  priority: Priority;
  sentiment: Sentiment;
  /** ISO 639-1. */
  language: string;
  /** 0 to 1. */
  confidence: number;
  summaryTextId: string;
  engine: Engine;
}

export interface DecidedDraft {
  id: string;
  decision: DraftDecision | 'stale';
  by: Actor;
  at: number;
}

/** What a ticket carries of its support type; the rest is looked up where it is needed. */
export interface TypeFacts {
  id: string;
  autonomy: Autonomy;
  assignmentMode: AssignmentMode;
  teamId: string | null;
  /** Whether it is resolved with a reason only. */
  reasonRequired: boolean;
  /** In milliseconds after it was resolved. */
  autoCloseAfter: number;
}

/** A reply that waits for its time: scheduled, or within the window in which it can be undone. */
export interface Outgoing {
  messageId: string;
  textId: string;
  draftId: string | null;
  sendAt: number;
  /** An automatic acknowledgement answers nobody: clocks go on. */
  acknowledgement: boolean;
}

/** A breach on its way up the policy's ladder. */
export interface Escalation {
  target: Target;
  /** When that target was due. */
  dueAt: number;
  /** The index of the ladder's next step. */
  step: number;
  /** When the next step is taken; null when it was acknowledged, or no step is left. */
  nextAt: number | null;
  acknowledgedBy: Actor | null;
}

/** Into which ticket this one went, and what it was before. */
interface Merged {
  into: string;
  intoNumber: number;
  statusBefore: Status;
  /** Until then it can be taken back; null once it is final. */
  until: number | null;
}

export interface Ticket {
  id: string;
  number: number;
  /** Counts recorded changes; guards the row. */
  version: number;
  /** Number of the last event. */
  sequence: number;
  status: Status;
  channel: Channel;
  /** The vendor's conversation, where there is one. */
  conversationId: string | null;
  requesterId: string | null;
  customerTier: string | null;
  supportType: TypeFacts | null;
  teamId: string | null;
  assigneeId: string | null;
  /** Who had the ticket before; it goes back to them first. */
  preferredAgentId: string | null;
  priority: Priority;
  /** Whether a person chose the priority; triage then leaves it alone. */
  priorityChosen: boolean;
  severity: Severity | null;
  severityChosen: boolean;
  tags: string[];
  triage: Triage | null;
  policy: SlaPolicy | null;
  clocks: Record<Target, Clock | null>;
  escalation: Escalation | null;
  /** Put aside until an instant, or until the next message where `until` is null. */
  snoozed: { until: number | null } | null;
  merged: Merged | null;
  /** Replies that are not on their way yet, earliest first. */
  outbox: Outgoing[];
  /** The customer's newest message; a draft for an older one is stale. */
  newestMessageId: string | null;
  /** The draft that waits for a decision. */
  draft: { id: string; messageId: string; textId: string } | null;
  /** The latest decided drafts, so that a late decision is told who was first. Bounded. */
  decidedDrafts: DecidedDraft[];
  /** Work that was asked for and not yet answered. */
  effects: Effect[];
  /** Ids of the latest commands taken, so that a second delivery changes nothing. Bounded. */
  applied: string[];
  createdAt: number | null;
  updatedAt: number | null;
  firstResponseAt: number | null;
  resolvedAt: number | null;
  closedAt: number | null;
}

/** A ticket before its first message: nothing but its names. */
export function blankTicket(id: string, number: number): Ticket {
  return {
    id,
    number,
    version: 0,
    sequence: 0,
    status: 'new',
    channel: 'api',
    conversationId: null,
    requesterId: null,
    customerTier: null,
    supportType: null,
    teamId: null,
    assigneeId: null,
    preferredAgentId: null,
    priority: 'normal',
    priorityChosen: false,
    severity: null,
    severityChosen: false,
    tags: [],
    triage: null,
    policy: null,
    clocks: { firstResponse: null, nextResponse: null, resolution: null },
    escalation: null,
    snoozed: null,
    merged: null,
    outbox: [],
    newestMessageId: null,
    draft: null,
    decidedDrafts: [],
    effects: [],
    applied: [],
    createdAt: null,
    updatedAt: null,
    firstResponseAt: null,
    resolvedAt: null,
    closedAt: null,
  };
}

/** How people name a ticket, such as `T-1234`. */
export function referenceOf(ticket: Pick<Ticket, 'number'>): string {
  return `T-${ticket.number}`;
}

/** Whether nothing more will happen to this ticket; one that went into another can be taken back for a while. */
export function isOver({ status, merged }: Ticket): boolean {
  return status === 'closed' && (merged === null || merged.until === null);
}

/** Whether a reply waits for its time or is on its way. */
export function isSending(ticket: Ticket): boolean {
  return ticket.outbox.length > 0 || ticket.effects.some((effect) => effect.kind === 'send');
}

/** A resolved ticket without a type is closed after this long. */
const AUTO_CLOSE_AFTER = 7 * 24 * 3_600_000;

/** When the ticket closes by itself; null while it is not resolved, or a reply is on its way. */
export function autoCloseAt(ticket: Ticket): number | null {
  const { status, resolvedAt, supportType } = ticket;
  if (status !== 'resolved' || resolvedAt === null || isSending(ticket)) return null;
  return resolvedAt + (supportType?.autoCloseAfter ?? AUTO_CLOSE_AFTER);
}

/**
 * Whether the ticket waits to be handed out: nobody has it, there is work to do, and its type lets the desk choose, or it
 * goes back to whoever had it.
 */
export function isWaiting(ticket: Ticket): boolean {
  const { assigneeId, status, snoozed, supportType, preferredAgentId } = ticket;
  if (assigneeId !== null || snoozed !== null || (status !== 'open' && status !== 'escalated')) return false;
  return preferredAgentId !== null || (supportType !== null && supportType.assignmentMode !== 'manual');
}

/** Whether something is owed whose deadline has passed. */
export function isLate({ clocks, status }: Ticket): boolean {
  return !isDone(status) && Object.values(clocks).some(isOverdue);
}

/** Whether a deadline that can still be met has been warned of. */
export function isNearDeadline({ clocks, status }: Ticket): boolean {
  return !isDone(status) && Object.values(clocks).some((clock) => isRunning(clock) && clock.warnedAt !== null);
}

/** Whose capacity the ticket takes: its assignee's while there is work to do, else nobody's. */
export function seatOf(ticket: Pick<Ticket, 'assigneeId' | 'status'>): string | null {
  return isDone(ticket.status) ? null : ticket.assigneeId;
}

/** What decides which policy applies. */
export function policyFactsOf(ticket: Ticket): PolicyFacts {
  return {
    tier: ticket.customerTier,
    severity: ticket.severity,
    priority: ticket.priority,
    supportType: ticket.supportType?.id ?? null,
    channel: ticket.channel,
    tags: ticket.tags,
  };
}
