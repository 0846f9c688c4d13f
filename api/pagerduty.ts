/**
 * PagerDuty's webhook: raw bytes, signature, one row in the inbox ledger, 200. What an acknowledgement means for a
 * ticket is found out after it is safe.
 *
 * PagerDuty repeats what it was answered with 5xx for 48 hours, and drops what it was answered with any other 4xx; three
 * dropped in a row switch the subscription off for a day. So only a wrong signature is a 4xx: our own troubles are 5xx,
 * and a signed body that makes no sense, which no repetition mends, is kept as ignored and answered 200.
 *
 * Does not promise to know a replayed body under another `X-Webhook-Id`: the header is not signed, and there is no signed
 * time. Whoever acts on a row must take the same event a second time for none.
 */
import { createHash } from 'node:crypto';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Arrival, Ledger } from '../db/ledger.ts';
import { DeskError } from '../domain/errors.ts';
import { PAGERDUTY_FACTS } from '../integrations/pagerduty-facts.ts';
import { type PagerdutyEvent, readPagerdutyEvent, verifyPagerduty } from '../integrations/pagerduty-webhook.ts';
import type { Context } from './context.ts';
import { readRawBody } from './middleware/body.ts';
import { nothing, type RouteDescription } from './route.ts';
import { refuseUnsigned } from './unsigned-delivery.ts';

export const pagerdutyWebhook: RouteDescription = {
  method: 'post',
  path: '/webhooks/pagerduty',
  permission: 'public',
  summary: 'Take an event from PagerDuty, signed with the secret of its webhook subscription',
  params: nothing,
  query: nothing,
  body: z.looseObject({}),
  rawBody: true,
  answer: {
    status: 200,
    description: 'The event is stored, now or before.',
    schema: z.object({ accepted: z.literal(true), duplicate: z.boolean() }),
  },
  errors: ['invalid_signature', 'body_too_large', 'database_unavailable'],
};

/** What happens to a page elsewhere and matters to its ticket. */
const TAKEN: ReadonlySet<string> = new Set(['incident.acknowledged', 'incident.unacknowledged', 'incident.resolved']);
const WEBHOOK_ID = /^[A-Za-z0-9_-]{1,100}$/;

const UNSIGNED = {
  source: 'pagerduty',
  header: PAGERDUTY_FACTS.signatureHeader,
  detail: 'The header X-PagerDuty-Signature holds no signature of the body under the secrets of this desk.',
} as const;

/** Takes PagerDuty's webhooks under any of `secrets`; undefined where PagerDuty is not connected. */
export function createPagerdutyWebhook(secrets: readonly string[] | undefined, ledger: Ledger, logger: Logger) {
  return async (ctx: Context): Promise<void> => {
    if (secrets === undefined || secrets.length === 0) {
      // Not 404: a desk that lost its settings for an hour would lose the events of a day.
      const fix = 'set the PAGERDUTY_ variables to connect it.';
      throw new DeskError('internal', `PagerDuty is not connected to this desk; ${fix}`);
    }
    const raw = await readRawBody(ctx);
    if (!verifyPagerduty(ctx.headers, raw, secrets)) throw await refuseUnsigned(ctx, { ledger, logger }, UNSIGNED);
    const webhookId = ctx.get(PAGERDUTY_FACTS.webhookIdHeader);
    const { id } = await ledger.store(arrivalOf(raw, webhookId, ctx.state.requestId));
    ctx.body = { accepted: true, duplicate: id === null };
  };
}

function arrivalOf(raw: Buffer, webhookId: string, requestId: string): Arrival {
  // The database takes no NUL in a text, and only what is not JSON can hold one.
  const text = raw.toString('utf8').replaceAll('\u0000', '\uFFFD');
  const event = readPagerdutyEvent(parsed(text));
  const ofBody = () => createHash('sha256').update(raw).digest('hex');
  const externalId = WEBHOOK_ID.test(webhookId) ? webhookId : (event?.eventId ?? ofBody());
  return {
    source: 'pagerduty',
    externalId,
    kind: event?.type ?? 'unknown',
    conversationKey: `pagerduty:${event?.incidentKey ?? externalId}`,
    ...stateOf(event),
    body: text,
    requestId,
  };
}

function stateOf(event: PagerdutyEvent | null): Pick<Arrival, 'state' | 'reason'> {
  if (event === null) return ignored('The body names no event id, type and time that can be read.');
  const { type, incidentKey } = event;
  if (type === PAGERDUTY_FACTS.pingType)
    return ignored("This is PagerDuty's test of the webhook; it is about no page.");
  if (!TAKEN.has(type)) {
    return ignored(`Events of type "${type}" change no page; only "${[...TAKEN].join('", "')}" do.`);
  }
  if (incidentKey === null) return ignored('The event names no incident key, so no page of this desk is meant.');
  return { state: 'received', reason: null };
}

function ignored(reason: string): Pick<Arrival, 'state' | 'reason'> {
  return { state: 'ignored', reason };
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Kept all the same; the reader says that it cannot be read.
    return undefined;
  }
}
