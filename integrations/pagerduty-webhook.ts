/**
 * PagerDuty's v3 webhooks: their signatures, and what they tell.
 *
 * Does not promise that a webhook is new: no timestamp is signed, so whoever stores it knows it by its id.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { absent, id, PAGERDUTY_FACTS, words } from './pagerduty-facts.ts';

/**
 * Whether one of `secrets`, taken as plain text, made a `v1=` signature of the raw bytes: hex HMAC-SHA256. An empty
 * secret never matches. Header names are in small letters, as node:http gives them.
 */
export function verifyPagerduty(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  rawBody: Uint8Array,
  secrets: readonly string[],
): boolean {
  const header = headers[PAGERDUTY_FACTS.signatureHeader];
  if (typeof header !== 'string') return false;
  const given = header.split(',').map((one) => Buffer.from(one.trim()));
  return secrets.some((secret) => {
    if (secret === '') return false;
    const digest = createHmac('sha256', secret).update(rawBody).digest('hex');
    const expected = Buffer.from(PAGERDUTY_FACTS.signatureVersion + digest);
    return given.some((one) => one.length === expected.length && timingSafeEqual(one, expected));
  });
}

export interface PagerdutyEvent {
  eventId: string;
  /** Such as `incident.acknowledged`, or `pagey.ping` for the test of a subscription. */
  type: string;
  /** The `dedupKey` that opened the incident; null for what is no incident, such as a note about one. */
  incidentKey: string | null;
  incidentId: string | null;
  /** Who did it; null where PagerDuty names nobody. Without a name, the id stands for it. */
  agent: { id: string; name: string } | null;
  /** Whether the incident ended by going into another one, which says nothing of anybody's having it in hand. */
  merged: boolean;
  /** Milliseconds since 1970. */
  occurredAt: number;
}

// The key is compared and stored, so what the database cannot hold is no key, rather than a changed one.
const incidentKey = z
  .string()
  .min(1)
  .max(PAGERDUTY_FACTS.longestDedupKey)
  .refine((key) => key.isWellFormed() && !key.includes('\u0000'));
const eventSchema = z.object({
  event: z.object({
    id,
    event_type: z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/),
    occurred_at: z.iso.datetime({ offset: true }),
    agent: absent(z.object({ id, summary: absent(words) })),
    data: absent(
      z.object({
        id: absent(id),
        type: absent(z.string()),
        incident_key: absent(incidentKey),
        incident: absent(z.object({ id })),
        resolve_reason: absent(z.object({ type: z.string() })),
      }),
    ),
  }),
});

/** Reads a v3 webhook; null when event id, type or time is missing or cannot be read. */
export function readPagerdutyEvent(body: unknown): PagerdutyEvent | null {
  const read = eventSchema.safeParse(body);
  if (!read.success) return null;
  const { id: eventId, event_type: type, occurred_at: occurredAt, agent, data } = read.data.event;
  // Of a note or a responder the id is its own, and the incident stands inside.
  const isIncident = data?.type === 'incident';
  return {
    eventId,
    type,
    incidentKey: (isIncident ? data.incident_key : null) ?? null,
    incidentId: (isIncident ? data.id : data?.incident?.id) ?? null,
    agent: agent == null ? null : { id: agent.id, name: agent.summary ?? agent.id },
    merged: data?.resolve_reason?.type === PAGERDUTY_FACTS.mergeReason,
    occurredAt: Date.parse(occurredAt),
  };
}
