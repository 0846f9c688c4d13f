/**
 * The port to whoever triages and drafts. An engine answers or throws; it never decides anything by itself.
 */
import type { Category, Engine, Priority, Sentiment, Severity } from '../domain/ticket.ts';

export interface TriageAnswer {
  category: Category;
  severity: Severity;
  priority: Priority;
  sentiment: Sentiment;
  /** ISO 639-1. */
  language: string;
  /** One sentence. */
  summary: string;
  /** 0 to 1. */
  confidence: number;
  engine: Engine;
}

export interface DraftAnswer {
  body: string;
  /** 0 to 1. */
  confidence: number;
  engine: Engine;
}

/** A conversation as an engine sees it: one customer's words and our answers, oldest first. */
export interface Conversation {
  subject: string;
  messages: { from: 'customer' | 'desk'; body: string }[];
}

export interface Assistant {
  triage(conversation: Conversation, signal: AbortSignal): Promise<TriageAnswer>;
  draft(conversation: Conversation, signal: AbortSignal): Promise<DraftAnswer>;
}

/** Whoever drafts and does not triage. */
export type Drafter = Pick<Assistant, 'draft'>;
