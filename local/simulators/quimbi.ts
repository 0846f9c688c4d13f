/**
 * Quimbi, simulated: its four calls, answered by rules over what it was asked.
 *
 * The shapes are those that its documents name. Does not promise that Quimbi would say the same, and says in every answer's
 * `model` that it was not asked; nor does it promise rate limits (order them as faults).
 */
import { z } from 'zod';
import {
  BadControl,
  refuseEmpty,
  type RunningSimulator,
  type SimulatorContext,
  type SimulatorRouter,
  startSimulator,
  type VendorError,
} from './simulator.ts';

export type QuimbiOptions = { port?: number; apiKey: string };

/** How answers name their model. */
const quimbiModel = 'holdfast-simulator';
/** The last line of every draft. */
export const quimbiSignature = "— drafted by Holdfast's Quimbi simulator (no model was asked)";

const behaviourSchema = z.looseObject({
  tickets_total: z.number().default(0),
  tickets_late: z.number().default(0),
  tickets_negative: z.number().default(0),
  tickets_last_90_days: z.number().default(0),
});
const customerSchema = z.looseObject({
  customer_id: z.string().min(1),
  tier: z.string().nullish(),
  interactions: z.array(z.unknown()).default([]),
});
const messagesSchema = z.array(z.looseObject({ from: z.enum(['customer', 'agent']), content: z.string() })).min(1);
const askedSchemas = {
  analyze: customerSchema.extend({ orders: z.array(z.unknown()).default([]) }),
  churn: customerSchema.extend({ recent_behavior: behaviourSchema }),
  draft: z.looseObject({ messages: messagesSchema, channel: z.string().min(1) }),
  recommend: z.looseObject({
    ticket_context: z.looseObject({ priority: z.string(), late: z.array(z.string()).default([]) }),
    customer_profile: customerSchema,
  }),
};

/**
 * Starts Quimbi on 127.0.0.1; its `url` is the base URL. Throws when the key is empty or the port is taken.
 *
 * @example const quimbi = await startQuimbiSimulator({ apiKey: 'qpk_simulated' });
 */
export async function startQuimbiSimulator({ port, apiKey }: QuimbiOptions): Promise<RunningSimulator> {
  refuseEmpty('Quimbi', { apiKey });
  const memory = { answered: 0 };
  return startSimulator(
    {
      name: 'Quimbi',
      routes: (router) => addRoutes(router, apiKey, memory),
      error: quimbiError,
      sendEvent: () => {
        throw new BadControl('Quimbi sends no webhooks, so its simulator has none to send.', 405);
      },
      state: () => memory,
    },
    port,
  );
}

function addRoutes(router: SimulatorRouter, apiKey: string, memory: { answered: number }): void {
  const serve = <S extends z.ZodType>(path: string, schema: S, rule: (asked: z.output<S>) => object) => {
    router.post(path, (ctx) => {
      if (ctx.get('x-api-key') !== apiKey) return answer(ctx, quimbiError(401, undefined));
      const asked = schema.safeParse(ctx.state.body);
      if (!asked.success) {
        const places = asked.error.issues.map(({ path }) => path.join('.') || 'the body');
        return answer(ctx, quimbiError(422, undefined, `The request is wrong at ${places.join(', ')}.`));
      }
      memory.answered += 1;
      return answer(ctx, { status: 200, body: { ...rule(asked.data), model: quimbiModel } });
    });
  };
  serve('/api/ml/customer/analyze', askedSchemas.analyze, analysis);
  serve('/api/ml/churn/predict', askedSchemas.churn, churn);
  serve('/api/ml/generate/draft', askedSchemas.draft, draft);
  serve('/api/ml/recommend/actions', askedSchemas.recommend, actions);
}

function analysis({ customer_id, tier, interactions }: z.infer<(typeof askedSchemas)['analyze']>) {
  const level = tier === 'vip' || tier === 'enterprise' ? 'premium' : 'standard';
  const frequency = interactions.length >= 5 ? 'frequent' : 'occasional';
  return {
    customer_id,
    dna_profile: { support_contact: Math.min(1, interactions.length / 10) },
    archetype: { id: `arch_${level}_${frequency}`, level: 'L2', segments: {} },
    segments: { purchase_value: level, contact_frequency: frequency },
    communication_guidance: [level === 'premium' ? 'Offer a call.' : 'Keep it short.'],
    confidence: 0.8,
  };
}

function churn({ customer_id, recent_behavior: seen }: z.infer<(typeof askedSchemas)['churn']>) {
  const share = seen.tickets_total === 0 ? 0 : seen.tickets_negative / seen.tickets_total;
  const score = Math.min(1, 0.1 + 0.5 * share + 0.2 * Math.min(1, seen.tickets_late));
  return {
    customer_id,
    churn_risk_score: score,
    risk_level: score >= 0.5 ? 'high' : 'low',
    factors: [
      { factor: 'share_of_negative_tickets', value: share, impact: 'high', direction: 'increases_risk' },
      { factor: 'contact', value: seen.tickets_last_90_days, impact: 'low', direction: 'decreases_risk' },
    ],
    recommendations: ['Write before the customer does.'],
  };
}

function draft({ messages }: z.infer<(typeof askedSchemas)['draft']>) {
  const count = messages.filter(({ from }) => from === 'customer').length;
  const lines = ['Hello,', `thank you for your ${count === 1 ? 'message' : `${count} messages`}.`, quimbiSignature];
  return {
    draft_content: lines.join('\n\n'),
    tone: 'friendly',
    personalization: [],
    reasoning: 'A template was filled in.',
  };
}

function actions({ ticket_context: ticket }: z.infer<(typeof askedSchemas)['recommend']>) {
  const recommended = [
    { action: 'Offer something for the trouble', priority: 2, reasoning: 'It is what the simulator always says.' },
    { action: 'Answer the customer', priority: 1, reasoning: `The priority is ${ticket.priority}.` },
  ];
  return {
    recommended_actions: recommended,
    priorities: [1, 2],
    warnings: ticket.late.length > 0 ? ['A deadline was missed.'] : [],
    talking_points: ['Say when they will hear from you again.'],
  };
}

const codes = new Map([
  [401, 'INVALID_API_KEY'],
  [403, 'INSUFFICIENT_PERMISSIONS'],
  [404, 'ENDPOINT_NOT_FOUND'],
  [422, 'VALIDATION_ERROR'],
  [429, 'RATE_LIMIT_EXCEEDED'],
  [503, 'SERVICE_UNAVAILABLE'],
]);

function quimbiError(status = 500, code: string | undefined, message = 'The simulator was told to fail.'): VendorError {
  return { status, body: { error: { code: code ?? codes.get(status) ?? 'INTERNAL_ERROR', message, details: {} } } };
}

function answer(ctx: SimulatorContext, { status, body }: VendorError): void {
  ctx.status = status;
  ctx.body = body;
}
