/**
 * What Quimbi is asked and how it answers, in its own words, and ours for them.
 *
 * Its documents name the fields and not all of their types, so a field that is absent or of another kind is passed over
 * where the answer is worth something without it; what it writes is cut short, and never taken for more than text.
 */
import { z } from 'zod';
import type { CustomerFacts, TicketFacts } from './advisor.ts';
import { RISKS } from './advisor.ts';
import type { Conversation } from './assistant.ts';

/** What could not be tried on Quimbi itself: correct it here. */
export const QUIMBI_FACTS = {
  keyHeader: 'X-API-Key',
  paths: {
    analyze: '/api/ml/customer/analyze',
    churn: '/api/ml/churn/predict',
    draft: '/api/ml/generate/draft',
    recommend: '/api/ml/recommend/actions',
  },
  /** How long a call may take. */
  timeoutMs: 5_000,
  /** How sure a draft is taken to be where the answer does not say. */
  draftConfidence: 0.5,
  /** In an answer's `model`: the simulator that ships with the desk; what it writes is labelled so. */
  simulatorModel: 'holdfast-simulator',
} as const;

const LONGEST_LINE = 500;
const LONGEST_DRAFT = 20_000;
const MOST_LINES = 20;
/** How much of a conversation is told, in characters: the newest end of it. */
const LONGEST_CONVERSATION = 24_000;

const text = (most: number) =>
  z
    .string()
    .transform((words) => words.replaceAll('\u0000', '').trim().slice(0, most).toWellFormed())
    .refine((words) => words !== '');
const line = text(LONGEST_LINE);
const share = z.number().transform((value) => Math.min(1, Math.max(0, value)));

/** The items that can be read; the others are passed over. */
function listOf<S extends z.ZodType>(item: S) {
  return z
    .array(z.unknown())
    .nullish()
    .catch(null)
    .transform((items) =>
      (items ?? [])
        .map((one) => item.safeParse(one))
        .flatMap((read) => (read.success ? [read.data] : []))
        .slice(0, MOST_LINES),
    );
}

const simulated = { model: z.string().nullish().catch(null) };

/** Of `segments`: an object of words, or one within `archetype`. */
const segmentsSchema = z
  .record(z.string(), z.unknown())
  .nullish()
  .catch(null)
  .transform((segments) =>
    Object.entries(segments ?? {})
      .flatMap(([name, value]) => {
        const read = line.safeParse(typeof value === 'number' ? String(value) : value);
        return read.success ? [{ name: name.slice(0, 60), value: read.data }] : [];
      })
      .slice(0, MOST_LINES),
  );

export const analysisSchema = z.object({
  archetype: z.union([
    line.transform((id) => ({ id, segments: [] })),
    z.object({ id: line.nullish().catch(null), segments: segmentsSchema }),
  ]),
  segments: segmentsSchema,
  communication_guidance: listOf(line),
  confidence: share.nullish().catch(null),
  ...simulated,
});

export const churnSchema = z.object({
  churn_risk_score: share,
  risk_level: z.enum(RISKS).nullish().catch(null),
  factors: listOf(
    z.object({
      factor: line,
      impact: z.enum(['low', 'medium', 'high']).catch('medium'),
      direction: z.string().nullish().catch(null),
    }),
  ),
  recommendations: listOf(line),
  ...simulated,
});

export const draftSchema = z.object({
  draft_content: text(LONGEST_DRAFT),
  confidence: share.nullish().catch(null),
  ...simulated,
});

export const actionsSchema = z.object({
  recommended_actions: listOf(
    z.union([
      line.transform((action) => ({ action, priority: null, reasoning: null })),
      z.object({
        action: line,
        priority: z.number().nullish().catch(null),
        reasoning: line.nullish().catch(null),
      }),
    ]),
  ).refine((actions) => actions.length > 0),
  warnings: listOf(line),
  talking_points: listOf(line),
  ...simulated,
});

/** A customer as the analysis and the prediction are asked. */
export function customerAsked({ id, tier, since, tickets, recent }: CustomerFacts) {
  const interactions = recent.map(({ at, channel, status, category, sentiment }) => ({
    type: 'support_ticket',
    timestamp: new Date(at).toISOString(),
    channel,
    status,
    category,
    sentiment,
  }));
  const { total, open, late, breached, negative, recently, byCategory } = tickets;
  const behaviour = {
    tickets_total: total,
    tickets_open: open,
    tickets_late: late,
    tickets_breached: breached,
    tickets_negative: negative,
    tickets_last_90_days: recently,
    tickets_by_category: byCategory,
  };
  return { customer_id: id, tier, customer_since: new Date(since).toISOString(), interactions, behaviour };
}

/** A conversation as Quimbi reads it. */
export function messagesAsked({ subject, messages }: Conversation) {
  let left = LONGEST_CONVERSATION;
  const told = [];
  for (const { from, body } of messages.toReversed()) {
    if (left <= 0) break;
    told.unshift({ from: from === 'desk' ? 'agent' : 'customer', content: body.slice(-left).toWellFormed() });
    left -= body.length;
  }
  return { subject: subject.slice(0, LONGEST_LINE).toWellFormed(), messages: told };
}

/** A ticket as the recommendation is asked. */
export function ticketAsked(ticket: TicketFacts) {
  const { status, priority, severity, category, sentiment, channel, assigned, late, atRisk, draftWaits } = ticket;
  return {
    status,
    priority,
    severity,
    category,
    sentiment,
    channel,
    assigned,
    late,
    at_risk: atRisk,
    draft_waits: draftWaits,
    ...messagesAsked(ticket.conversation),
  };
}
