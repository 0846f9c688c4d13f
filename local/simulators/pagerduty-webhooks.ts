/**
 * PagerDuty's v3 webhooks: what a subscription sends about an incident, and how it is signed.
 *
 * Does not promise PagerDuty's retries over 48 hours, nor its order: each wish is one webhook.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { deliveryFields } from './delivery.ts';
import { type IncidentStatus, newPagerdutyId, pagerdutyFacts, reference } from './pagerduty-shapes.ts';
import type { PagerdutyStore } from './pagerduty-store.ts';

const PING = 'pagey.ping';
const id = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/, 'must be letters, digits, "-" and "_", at most 100');

export const pagerdutyEventSchema = z
  .strictObject({
    type: z
      .string()
      .regex(/^(incident\.[a-z_.]+|pagey\.ping)$/, 'must look like incident.acknowledged, or be pagey.ping')
      .default('incident.acknowledged'),
    dedupKey: z.string().min(1).max(pagerdutyFacts.longestDedupKey).optional(),
    eventId: id.optional(),
    webhookId: id.optional(),
    agent: z.strictObject({ id, name: z.string() }).nullable().default({ id: 'PANNONC', name: 'Ann on Call' }),
    occurredAt: z.iso.datetime({ offset: true }).optional(),
    /** The id of the incident that this one went into, with `incident.resolved`. */
    mergedInto: id.optional(),
    ...deliveryFields,
  })
  .refine(({ type, dedupKey }) => type === PING || dedupKey !== undefined, {
    path: ['dedupKey'],
    error: 'is needed for an event about an incident',
  });
type PagerdutyWish = z.infer<typeof pagerdutyEventSchema>;

/** What an event tells of its incident's status; the other events leave it as it is. */
const statuses = new Map<string, IncidentStatus>([
  ['incident.triggered', 'triggered'],
  ['incident.unacknowledged', 'triggered'],
  ['incident.reopened', 'triggered'],
  ['incident.acknowledged', 'acknowledged'],
  ['incident.resolved', 'resolved'],
]);

/** Builds and signs the webhook that the wish describes: `v1=` + hex HMAC-SHA256 of the body. */
export function pagerdutyWebhook(wish: PagerdutyWish, store: PagerdutyStore, secret: string) {
  const { type, agent } = wish;
  const eventId = wish.eventId ?? randomUUID();
  const webhookId = wish.webhookId ?? randomUUID();
  const body = JSON.stringify({
    event: {
      id: eventId,
      event_type: type,
      resource_type: type.split('.', 1)[0],
      occurred_at: wish.occurredAt ?? new Date().toISOString(),
      agent: agent === null ? null : reference(store.origin, 'user', agent.id, agent.name),
      client: null,
      data: dataOf(wish, store),
    },
  });
  const headers = {
    'Content-Type': 'application/json',
    'User-Agent': 'PagerDuty-Webhook/V3.0',
    'X-PagerDuty-Signature': `v1=${createHmac('sha256', secret).update(body).digest('hex')}`,
    'X-Webhook-Id': webhookId,
    'X-Webhook-Subscription': 'PHLDFST',
  };
  return { webhook: { headers, body }, eventId, webhookId };
}

/** Notes, status updates and responders carry the incident inside, and without its key. */
function dataOf({ type, dedupKey, mergedInto }: PagerdutyWish, store: PagerdutyStore): object {
  if (type === PING || dedupKey === undefined) return { message: 'Hello from your friend Pagey!', type: 'ping' };
  const incident = store.touch(dedupKey, statuses.get(type));
  const about = { incident: reference(store.origin, 'incident', incident.id, incident.title) };
  const note = { ...about, id: newPagerdutyId(), trimmed: false };
  if (type === 'incident.annotated') return { ...note, content: 'Looking into it.', type: 'incident_note' };
  if (type === 'incident.status_update_published') {
    return { ...note, message: 'A fix is under way.', type: 'incident_status_update' };
  }
  if (mergedInto !== undefined) {
    const into = reference(store.origin, 'incident', mergedInto, 'Another incident');
    return { ...incident, resolve_reason: { type: pagerdutyFacts.mergeReason, incident: into } };
  }
  if (!type.startsWith('incident.responder.')) return incident;
  const { id: policyId, name } = pagerdutyFacts.policy;
  return {
    ...about,
    user: reference(store.origin, 'user', 'PBOBRES', 'Bob Responder'),
    escalation_policy: reference(store.origin, 'escalation_policy', policyId, name),
    message: 'Please help.',
    state: 'pending',
    type: 'incident_responder',
  };
}
