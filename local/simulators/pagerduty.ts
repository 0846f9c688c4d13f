/**
 * PagerDuty, simulated: the Events API v2, who is on call, and the signed v3 webhooks of a subscription.
 *
 * One address serves both APIs. Does not page anyone, nor announce by itself what the desk changed: webhooks are sent by
 * `POST /_sim/events` alone. Does not promise rate limits (order them as faults).
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { sendWebhook, type SentWebhook } from './delivery.ts';
import {
  eitherError,
  invalidEvent,
  oncallEntry,
  type OnCallUser,
  pagerdutyFacts,
  restError,
} from './pagerduty-shapes.ts';
import { PagerdutyStore } from './pagerduty-store.ts';
import { pagerdutyEventSchema, pagerdutyWebhook } from './pagerduty-webhooks.ts';
import {
  readControl,
  refuseEmpty,
  type RunningSimulator,
  type SimulatorContext,
  type SimulatorRouter,
  startSimulator,
} from './simulator.ts';

export type PagerdutyOptions = {
  port?: number;
  deskUrl: string;
  apiToken: string;
  routingKey: string;
  webhookSecret: string;
};
export type PagerdutySimulator = RunningSimulator & { setDeskUrl(url: string): void };

const routing = { routing_key: z.string(), dedup_key: z.string().min(1).max(pagerdutyFacts.longestDedupKey) };
const eventSchema = z.discriminatedUnion('event_action', [
  z.object({
    ...routing,
    dedup_key: routing.dedup_key.optional(),
    event_action: z.literal('trigger'),
    client: z.string().optional(),
    client_url: z.string().optional(),
    links: z.array(z.object({ href: z.url(), text: z.string().optional() })).default([]),
    payload: z.object({
      summary: z.string().min(1).max(pagerdutyFacts.longestSummary),
      source: z.string().min(1),
      severity: z.enum(['critical', 'error', 'warning', 'info']),
      custom_details: z.unknown().optional(),
    }),
  }),
  z.object({ ...routing, event_action: z.literal('acknowledge') }),
  z.object({ ...routing, event_action: z.literal('resolve') }),
]);
const instant = z.iso.datetime({ offset: true });
const onCallSchema = z.strictObject({
  scheduleId: z.string().min(1),
  users: z.array(
    z.strictObject({
      id: z.string().min(1),
      name: z.string(),
      email: z.email(),
      level: z.int().min(1).default(1),
      start: instant.optional(),
      end: instant.optional(),
    }),
  ),
});
const titles = new Map([
  [400, 'Invalid Input Provided'],
  [401, 'Unauthorized'],
  [403, 'Forbidden'],
  [404, 'Not Found'],
  [429, 'Rate Limit Exceeded'],
]);

/**
 * Starts PagerDuty on 127.0.0.1; its `url` is the base URL of both APIs. Throws when a secret is empty or the port is taken.
 *
 * @example const pagerduty = await startPagerdutySimulator({ deskUrl, apiToken, routingKey, webhookSecret });
 */
export async function startPagerdutySimulator(options: PagerdutyOptions): Promise<PagerdutySimulator> {
  const { apiToken, routingKey, webhookSecret } = options;
  refuseEmpty('PagerDuty', { apiToken, routingKey, webhookSecret });
  const store = new PagerdutyStore();
  let deskUrl = options.deskUrl;
  const running = await startSimulator(
    {
      name: 'PagerDuty',
      routes: (router) => addRoutes(router, store, apiToken, routingKey),
      error: (status = 500, code) => eitherError(status, code ?? titles.get(status) ?? 'Internal Server Error'),
      sendEvent: (input) => sendEvent(input, store, `${deskUrl}/webhooks/pagerduty`, webhookSecret),
      state: () => store.state(),
      controls: (router) => {
        router.put('/_sim/oncall', (ctx) => {
          const { scheduleId, users } = readControl(onCallSchema, ctx.state.body);
          store.setOnCall(scheduleId, users satisfies OnCallUser[]);
          ctx.body = { scheduleId, users };
        });
      },
    },
    options.port,
  );
  store.origin = running.url;
  return { ...running, setDeskUrl: (url) => (deskUrl = url) };
}

function addRoutes(router: SimulatorRouter, store: PagerdutyStore, apiToken: string, routingKey: string): void {
  router.post('/v2/enqueue', (ctx) => answer(ctx, enqueue(ctx.state.body, store, routingKey)));
  router.get('/oncalls', (ctx) => {
    const known = ctx.get('authorization') === `Token token=${apiToken}`;
    answer(ctx, known ? oncalls(ctx.URL.searchParams, store) : restError(401, 'Unauthorized', ['Invalid token.']));
  });
}

function enqueue(body: unknown, store: PagerdutyStore, routingKey: string) {
  const read = eventSchema.safeParse(body);
  if (!read.success)
    return invalidEvent(read.error.issues.map(({ path, message }) => `'${path.join('.')}' ${message}`));
  const event = read.data;
  if (event.routing_key !== routingKey) return invalidEvent(['Invalid routing key']);
  const key = event.dedup_key ?? randomUUID();
  if (event.event_action === 'trigger') {
    const { payload, links, client, client_url: clientUrl } = event;
    const { custom_details: details, ...told } = payload;
    store.trigger(key, { ...told, details, links, client, clientUrl });
  } else {
    store.change(key, event.event_action === 'resolve' ? 'resolved' : 'acknowledged');
  }
  return { status: 202, body: { status: 'success', message: 'Event processed', dedup_key: key } };
}

function oncalls(query: URLSearchParams, store: PagerdutyStore) {
  const now = new Date().toISOString();
  const [since, until] = [query.get('since') ?? now, query.get('until') ?? now];
  if (Number.isNaN(Date.parse(since)) || Number.isNaN(Date.parse(until))) {
    return restError(400, "Invalid time values in 'since' and/or 'until' parameters", [], 2004);
  }
  const limit = Math.min(Number(query.get('limit')) || pagerdutyFacts.pageLimit, pagerdutyFacts.pageLimitMost);
  const offset = Number(query.get('offset')) || 0;
  if (offset + limit > pagerdutyFacts.mostEntries) {
    return restError(400, 'Invalid Input Provided', ['Offset and limit exceed 10000.']);
  }
  const whole = query.getAll('include[]').includes('users');
  const all = store.onCall(query.getAll('schedule_ids[]'), Date.parse(since), Date.parse(until));
  const page = all.slice(offset, offset + limit);
  const entries = page.map(({ scheduleId, user }) => oncallEntry(store.origin, scheduleId, user, whole));
  return { status: 200, body: { oncalls: entries, limit, offset, more: offset + limit < all.length, total: null } };
}

async function sendEvent(
  input: unknown,
  store: PagerdutyStore,
  url: string,
  secret: string,
): Promise<SentWebhook & { eventId: string; webhookId: string }> {
  const wish = readControl(pagerdutyEventSchema, input ?? {});
  const { webhook, ...ids } = pagerdutyWebhook(wish, store, secret);
  return { ...(await sendWebhook({ url, ...webhook }, wish)), ...ids };
}

function answer(ctx: SimulatorContext, { status, body }: { status: number; body: unknown }): void {
  ctx.status = status;
  ctx.body = body;
}
