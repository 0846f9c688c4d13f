/**
 * The port to whoever advises about a customer or a ticket. An engine answers or throws; it never decides anything, and
 * what it says is shown to the desk alone.
 *
 * What it is told is about one customer, without name or address. Instants are absolute, so that the same question is the
 * same text.
 */
import { z } from 'zod';
import type { Target } from '../domain/sla-policy.ts';
import type { Status } from '../domain/status.ts';
import type { Category, Channel, Priority, Sentiment, Severity } from '../domain/ticket.ts';
import type { Conversation } from './assistant.ts';

/** A ticket as a customer's history tells of it; times in milliseconds since 1970. */
interface PastTicket {
  at: number;
  channel: Channel;
  status: Status;
  category: Category | null;
  sentiment: Sentiment | null;
}

export interface CustomerFacts {
  id: string;
  tier: string | null;
  /** Milliseconds since 1970. */
  since: number;
  /** Of the newest five hundred. */
  tickets: {
    total: number;
    open: number;
    /** Late with what is still owed. */
    late: number;
    /** That ever missed a deadline. */
    breached: number;
    negative: number;
    /** Of the last ninety days. */
    recently: number;
    byCategory: Partial<Record<Category, number>>;
  };
  /** The newest twenty, newest first. */
  recent: PastTicket[];
}

export interface TicketFacts {
  id: string;
  status: Status;
  priority: Priority;
  severity: Severity | null;
  category: Category | null;
  sentiment: Sentiment | null;
  channel: Channel;
  assigned: boolean;
  /** What is owed and late. */
  late: Target[];
  /** What was warned of and can still be met. */
  atRisk: Target[];
  /** Whether a draft waits for a decision. */
  draftWaits: boolean;
  conversation: Conversation;
  customer: CustomerFacts;
}

const ADVICE_ENGINES = ['quimbi', 'simulator', 'heuristic'] as const;
export type AdviceEngine = (typeof ADVICE_ENGINES)[number];
export const RISKS = ['low', 'medium', 'high', 'critical'] as const;

const engine = z.enum(ADVICE_ENGINES);
const share = z.number().min(0).max(1);

/** The answers, each by what is asked. */
export const ADVICE = {
  analyze: z.object({
    engine,
    /** What kind of customer it is, in a few words. */
    archetype: z.string().nullable(),
    segments: z.array(z.object({ name: z.string(), value: z.string() })),
    /** How to speak with the customer. */
    guidance: z.array(z.string()),
    /** 0 to 1; null where the engine does not say. */
    confidence: share.nullable(),
  }),
  churn: z.object({
    engine,
    /** 0 to 1. */
    risk: share,
    level: z.enum(RISKS),
    factors: z.array(z.object({ name: z.string(), impact: z.enum(['low', 'medium', 'high']), raises: z.boolean() })),
    recommendations: z.array(z.string()),
  }),
  recommend: z.object({
    engine,
    /** The most important first. */
    actions: z.array(z.object({ action: z.string(), reason: z.string().nullable() })),
    warnings: z.array(z.string()),
    talkingPoints: z.array(z.string()),
  }),
} as const;

export type Analysis = z.infer<typeof ADVICE.analyze>;
export type Churn = z.infer<typeof ADVICE.churn>;
export type Recommendation = z.infer<typeof ADVICE.recommend>;

export interface Advisor {
  analyze(customer: CustomerFacts, signal?: AbortSignal): Promise<Analysis>;
  churn(customer: CustomerFacts, signal?: AbortSignal): Promise<Churn>;
  recommend(ticket: TicketFacts, signal?: AbortSignal): Promise<Recommendation>;
}

/** The level of a risk (0 to 1) that came without one. */
export function levelOf(risk: number): Churn['level'] {
  if (risk >= 0.8) return 'critical';
  if (risk >= 0.5) return 'high';
  return risk >= 0.25 ? 'medium' : 'low';
}
