/**
 * Quimbi, the optional second engine: it knows customers and drafts, behind the same ports as the other engines.
 *
 * A call is tried once and ends after five seconds; a breaker leaves Quimbi alone while it is in trouble. It is told of one
 * customer at a time, by the desk's own id, without name or address. Does not promise that a call which was cut off was
 * not counted by Quimbi.
 */
import type { z } from 'zod';
import { type AdviceEngine, type Advisor, levelOf } from './advisor.ts';
import type { Drafter } from './assistant.ts';
import { type Breaker, createBreaker } from './breaker.ts';
import {
  actionsSchema,
  analysisSchema,
  churnSchema,
  customerAsked,
  draftSchema,
  messagesAsked,
  QUIMBI_FACTS,
  ticketAsked,
} from './quimbi-shapes.ts';
import { vendorCall } from './vendor-call.ts';
import { VendorError } from './vendor-error.ts';

const { paths } = QUIMBI_FACTS;

export interface Quimbi extends Advisor, Drafter {
  /** Whether it is left alone at present. */
  readonly breaker: Pick<Breaker, 'state'>;
}

interface QuimbiOptions {
  apiUrl: string;
  apiKey: string;
  /** How long the breaker leaves it alone, in milliseconds. */
  restMs?: number;
}

/**
 * The client; every method throws a VendorError where Quimbi gave no answer that can be used.
 *
 * @example await createQuimbi({ apiUrl: 'https://platform.quimbi.ai', apiKey }).churn(facts)
 */
export function createQuimbi({ apiUrl, apiKey, restMs }: QuimbiOptions): Quimbi {
  const base = apiUrl.replace(/\/+$/, '');
  const breaker = createBreaker('Quimbi', restMs);

  return {
    breaker,
    async analyze(customer, signal) {
      const answer = await ask('analyze', analysisSchema, { ...customerAsked(customer), orders: [] }, signal);
      const { archetype, segments, communication_guidance: guidance, confidence } = answer;
      return {
        engine: engineOf(answer),
        archetype: archetype.id ?? null,
        segments: segments.length > 0 ? segments : archetype.segments,
        guidance,
        confidence: confidence ?? null,
      };
    },
    async churn(customer, signal) {
      const { behaviour, ...who } = customerAsked(customer);
      const answer = await ask('churn', churnSchema, { ...who, recent_behavior: behaviour }, signal);
      const { churn_risk_score: risk, risk_level: level, factors, recommendations } = answer;
      return {
        engine: engineOf(answer),
        risk,
        level: level ?? levelOf(risk),
        factors: factors.map(({ factor, impact, direction }) => ({
          name: factor,
          impact,
          raises: direction !== 'decreases_risk',
        })),
        recommendations,
      };
    },
    async recommend(ticket, signal) {
      const asked = { ticket_context: ticketAsked(ticket), customer_profile: customerAsked(ticket.customer) };
      const answer = await ask('recommend', actionsSchema, asked, signal);
      const { recommended_actions: actions, warnings, talking_points: talkingPoints } = answer;
      return {
        engine: engineOf(answer),
        actions: actions
          .toSorted((a, b) => (a.priority ?? Infinity) - (b.priority ?? Infinity) || 0)
          .map(({ action, reasoning }) => ({ action, reason: reasoning ?? null })),
        warnings,
        talkingPoints,
      };
    },
    async draft(conversation, signal) {
      const asked = { ...messagesAsked(conversation), customer_profile: {}, channel: 'email' };
      const answer = await ask('draft', draftSchema, asked, signal);
      return {
        body: answer.draft_content,
        confidence: answer.confidence ?? QUIMBI_FACTS.draftConfidence,
        engine: engineOf(answer),
      };
    },
  };

  function ask<S extends z.ZodType>(
    operation: keyof typeof paths,
    schema: S,
    body: object,
    signal: AbortSignal | undefined,
  ): Promise<z.output<S>> {
    const timeout = AbortSignal.timeout(QUIMBI_FACTS.timeoutMs);
    const either = signal === undefined ? timeout : AbortSignal.any([signal, timeout]);
    const request: RequestInit = {
      method: 'POST',
      headers: {
        [QUIMBI_FACTS.keyHeader]: apiKey,
        'Content-Type': 'application/json',
        Accept: 'application/json',
      },
      body: JSON.stringify(body),
      redirect: 'error',
      signal: either,
    };
    return breaker.run(() =>
      vendorCall({ vendor: 'quimbi', operation, signal }, async (answered) => {
        const response = await reach(`${base}${paths[operation]}`, request, signal);
        answered(response.status);
        const read = schema.safeParse(await bodyOf(response, signal));
        if (!response.ok) throw refusal(response);
        if (!read.success) throw unreadable(response.status);
        return read.data;
      }),
    );
  }
}

function engineOf({ model }: { model?: string | null | undefined }): Exclude<AdviceEngine, 'heuristic'> {
  return model === QUIMBI_FACTS.simulatorModel ? 'simulator' : 'quimbi';
}

/** A caller who stopped waiting gets his own reason; everything else that brings no answer may be tried again. */
async function reach(url: string, request: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch {
    signal?.throwIfAborted();
    throw unanswered();
  }
}

async function bodyOf(response: Response, signal: AbortSignal | undefined): Promise<unknown> {
  try {
    return await response.json();
  } catch (error) {
    signal?.throwIfAborted();
    // What is no JSON is told by the schema; an answer that broke off, or took too long, was none.
    if (error instanceof SyntaxError) return undefined;
    throw unanswered();
  }
}

function unanswered(): VendorError {
  const message = 'Quimbi did not answer in time, or could not be reached.';
  return new VendorError(message, { service: 'Quimbi', status: null, retryable: true, reason: message });
}

function refusal({ status }: Response): VendorError {
  const message = `Quimbi answered ${status}.`;
  const retryable = status >= 500 || status === 429 || status === 408;
  // Its own words may quote what it was asked, and nobody needs them.
  return new VendorError(message, { service: 'Quimbi', status, retryable, reason: message });
}

function unreadable(status: number): VendorError {
  const message = 'Quimbi gave an answer that could not be read.';
  return new VendorError(message, { service: 'Quimbi', status, retryable: true, reason: message });
}
