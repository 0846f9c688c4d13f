/**
 * The ticket: what its workflow carries. Ids and small facts only: what people wrote stays in PostgreSQL and is named by
 * its text id, so a workflow's history never holds it. Plain JSON, so that it survives continue-as-new.
 */
import type { Effect } from './effects.ts';
import type { Clock, SlaPolicy } from './sla.ts';
import type { Status } from './status.ts';

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
export const ENGINES = ['model', 'heuristic', 'simulator'] as const;
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
  assigneeId: string | null;
  priority: Priority;
  /** Whether a person chose the priority; triage then leaves it alone. */
  priorityChosen: boolean;
  triage: Triage | null;
  policy: SlaPolicy | null;
  firstResponse: Clock | null;
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
    assigneeId: null,
    priority: 'normal',
    priorityChosen: false,
    triage: null,
    policy: null,
    firstResponse: null,
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

/** Whether nothing more will happen to this ticket. */
export function isOver(ticket: Ticket): boolean {
  return ticket.status === 'closed';
}
