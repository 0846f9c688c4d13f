/**
 * Webhooks: raw bytes, signature, one row in the inbox ledger, 200. Nothing else happens here, so a burst is answered at
 * the pace of the database; what an event means is found out after it is safe.
 *
 * Does not promise that an event changes a ticket: events that mean nothing to the desk are kept as ignored, with the
 * reason.
 */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Arrival, Ledger } from '../db/ledger.ts';
import { DeskError } from '../domain/errors.ts';
import {
  FRONT_FACTS,
  type FrontEvent,
  type FrontSecrets,
  isFrontSync,
  readFrontEvent,
  verifyFront,
} from '../integrations/front.ts';
import type { Context } from './context.ts';
import { parseJson, readRawBody } from './middleware/body.ts';
import { nothing, type RouteDescription } from './route.ts';
import { refuseUnsigned } from './unsigned-delivery.ts';

export const frontWebhook: RouteDescription = {
  method: 'post',
  path: '/webhooks/front',
  permission: 'public',
  summary: 'Take an event from Front, signed by an application or a rule; its challenge is answered with {challenge}',
  params: nothing,
  query: nothing,
  body: z.looseObject({}),
  rawBody: true,
  answer: {
    status: 200,
    description: 'The event is stored, now or before.',
    schema: z.union([
      z.object({ accepted: z.literal(true), duplicate: z.boolean() }),
      z.object({ challenge: z.string() }),
    ]),
  },
  errors: ['invalid_signature', 'invalid_json', 'body_too_large', 'not_found', 'database_unavailable'],
};

const UNSIGNED = {
  source: 'front',
  header: FRONT_FACTS.signatureHeader,
  detail: 'The header X-Front-Signature does not match the body under the secrets of this desk.',
} as const;

/** Takes Front's webhooks; `front` is undefined where Front is not connected. */
export function createFrontWebhook(front: FrontSecrets | undefined, ledger: Ledger, logger: Logger) {
  return async (ctx: Context): Promise<void> => {
    if (front === undefined) {
      throw new DeskError('not_found', 'Front is not connected to this desk; set the FRONT_ variables to connect it.');
    }
    const raw = await readRawBody(ctx);
    const signer = verifyFront(ctx.headers, raw, front);
    if (signer === null) throw await refuseUnsigned(ctx, { ledger, logger }, UNSIGNED);
    const text = raw.toString('utf8');
    const body = parseJson(text);
    const challenge = ctx.get(FRONT_FACTS.challengeHeader);
    if (signer === 'app' && challenge !== '' && isFrontSync(body)) {
      ctx.body = { challenge };
      return;
    }
    const { id } = await ledger.store(arrivalOf(body, text, ctx.state.requestId));
    ctx.body = { accepted: true, duplicate: id === null };
  };
}

function arrivalOf(body: unknown, text: string, requestId: string): Arrival {
  const event = readFrontEvent(body);
  if (event === null) {
    const digest = createHash('sha256').update(text).digest('hex');
    return {
      source: 'front',
      externalId: digest,
      kind: 'unknown',
      conversationKey: `front:${digest}`,
      state: 'ignored',
      reason: 'The body names no event id, type and conversation that can be read, so it belongs to no ticket.',
      body: text,
      requestId,
    };
  }
  return {
    source: 'front',
    externalId: event.eventId,
    kind: event.type,
    conversationKey: `front:${event.conversationId}`,
    ...stateOf(event),
    body: text,
    requestId,
  };
}

function stateOf({ type, hasText, messageId }: FrontEvent): Pick<Arrival, 'state' | 'reason'> {
  if (type !== FRONT_FACTS.inboundType) {
    const reason = `Events of type "${type}" change no ticket; only "${FRONT_FACTS.inboundType}" does.`;
    return { state: 'ignored', reason };
  }
  if (messageId === null)
    return { state: 'ignored', reason: 'The event names no message, so there is no text to fetch.' };
  return { state: hasText ? 'received' : 'incomplete', reason: null };
}
