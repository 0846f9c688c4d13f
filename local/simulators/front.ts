/**
 * Front, simulated: conversations, messages, replies, and the signed webhooks of an application and of a rule.
 *
 * Speaks the part of the Core API that the desk uses. Does not promise Front's rate limits, scopes or channels, and a
 * reply that it accepts is never sent to anyone.
 */
import { z } from 'zod';
import { sendWebhook, type SentWebhook } from './delivery.ts';
import { frontError, frontFacts, newFrontId } from './front-shapes.ts';
import { FrontStore } from './front-store.ts';
import { applicationWebhook, frontEvent, frontEventSchema, ruleWebhook, syncWebhook } from './front-webhooks.ts';
import {
  readControl,
  refuseEmpty,
  type RunningSimulator,
  type SimulatorContext,
  type SimulatorRouter,
  startSimulator,
} from './simulator.ts';

export type FrontOptions = {
  port?: number;
  deskUrl: string;
  apiToken: string;
  appSigningKey: string;
  ruleSecret: string;
};
export type FrontSimulator = RunningSimulator & { setDeskUrl(url: string): void };

const replySchema = z.object({
  body: z.string().refine((body) => body.trim() !== ''),
  text: z.string().optional(),
  subject: z.string().optional(),
  'attachments[]': z.array(z.object({ filename: z.string(), content_type: z.string(), size: z.number() })).default([]),
});
const missingSchema = z.strictObject({ ids: z.array(z.string()) });
const messageEvents = new Set(['inbound', 'outbound', 'out_reply', 'sending_error', 'message_bounce_error']);
const titles = new Map([
  [400, 'Bad request'],
  [401, 'Unauthenticated'],
  [403, 'Forbidden'],
  [404, 'Not found'],
  [429, 'Too many requests'],
  [500, 'Internal error'],
  [503, 'Service unavailable'],
]);

/**
 * Starts Front on 127.0.0.1; its `url` is the base URL of the API. Throws when a secret is empty or the port is taken.
 *
 * @example const front = await startFrontSimulator({ deskUrl, apiToken, appSigningKey, ruleSecret });
 */
export async function startFrontSimulator(options: FrontOptions): Promise<FrontSimulator> {
  const { apiToken, appSigningKey, ruleSecret } = options;
  refuseEmpty('Front', { apiToken, appSigningKey, ruleSecret });
  const store = new FrontStore();
  let deskUrl = options.deskUrl;
  const running = await startSimulator(
    {
      name: 'Front',
      routes: (router) => addRoutes(router, store, apiToken),
      error: (status = 500, code) =>
        frontError(status, code ?? titles.get(status) ?? 'Error', 'The simulator was told so.'),
      sendEvent: (input) => sendEvent(input, store, `${deskUrl}/webhooks/front`, { appSigningKey, ruleSecret }),
      state: () => store.state(),
      controls: (router) => {
        router.put('/_sim/missing', (ctx) => {
          const { ids } = readControl(missingSchema, ctx.state.body);
          store.declareMissing(ids);
          ctx.body = { ids };
        });
      },
    },
    options.port,
  );
  store.origin = running.url;
  return { ...running, setDeskUrl: (url) => (deskUrl = url) };
}

function addRoutes(router: SimulatorRouter, store: FrontStore, apiToken: string): void {
  router.use(async (ctx, next) => {
    if (ctx.get('authorization') === `Bearer ${apiToken}`) return next();
    return answer(ctx, frontError(401, 'Unauthenticated', 'The token is missing, malformed or not accepted.'));
  });
  router.get('/conversations/:id', (ctx) => {
    const found = store.conversation(ctx.params['id'] ?? '');
    answer(ctx, found === undefined ? notFound('conversation') : { status: 200, body: found.conversation });
  });
  router.get('/conversations/:id/messages', (ctx) => {
    const found = store.conversation(ctx.params['id'] ?? '');
    const body = found && page(`${store.origin}${ctx.path}`, found.messages, ctx.URL.searchParams);
    answer(ctx, body === undefined ? notFound('conversation') : { status: 200, body });
  });
  router.post('/conversations/:id/messages', (ctx) => {
    const reply = replySchema.safeParse(ctx.state.body);
    if (!reply.success)
      return answer(ctx, frontError(400, 'Bad request', 'Body did not satisfy requirements: body is required.'));
    const { 'attachments[]': attachments, ...words } = reply.data;
    const message = store.reply(ctx.params['id'] ?? '', { ...words, attachments });
    if (message === undefined) return answer(ctx, notFound('conversation'));
    return answer(ctx, { status: 202, body: { status: 'accepted', message_uid: message.message_uid } });
  });
  router.get('/messages/:id', (ctx) => {
    const message = store.message(ctx.params['id'] ?? '');
    answer(ctx, message === undefined ? notFound('message') : { status: 200, body: message });
  });
}

async function sendEvent(
  input: unknown,
  store: FrontStore,
  url: string,
  secrets: { appSigningKey: string; ruleSecret: string },
): Promise<SentWebhook & { eventId?: string; conversationId?: string; messageId?: string }> {
  const wish = readControl(frontEventSchema, input ?? {});
  if (wish.type === 'sync') return sendWebhook({ url, ...syncWebhook(secrets.appSigningKey) }, wish);
  const emittedAt = (wish.emittedAt === undefined ? Date.now() : Date.parse(wish.emittedAt)) / 1000;
  const conversationId = wish.conversationId ?? newFrontId('cnv');
  const eventId = wish.eventId ?? newFrontId('evt');
  const messageId = wish.messageId ?? newFrontId('msg');
  const inbound = wish.type === 'inbound';
  const about = messageEvents.has(wish.type)
    ? store.receive({ ...wish, conversationId, messageId, inbound, at: emittedAt })
    : { conversation: store.touch(conversationId, wish.subject, wish.from), message: undefined };
  const facts = { id: eventId, type: wish.type, emittedAt, ...about, preview: wish.preview };
  const event = frontEvent(store.origin, facts);
  const webhook =
    wish.via === 'app' ? applicationWebhook(event, secrets.appSigningKey) : ruleWebhook(event, secrets.ruleSecret);
  const ids = { eventId, conversationId, ...(about.message && { messageId }) };
  return { ...(await sendWebhook({ url, ...webhook }, wish)), ...ids };
}

function page<T>(self: string, all: readonly T[], query: URLSearchParams) {
  const limit = Math.min(Number(query.get('limit')) || frontFacts.pageLimit, frontFacts.pageLimitMost);
  const start = Number(query.get('page_token')) || 0;
  const more = start + limit < all.length;
  const next = more ? `${self}?limit=${limit}&page_token=${start + limit}` : null;
  return { _pagination: { next }, _links: { self }, _results: all.slice(start, start + limit) };
}

function notFound(what: string) {
  return frontError(404, 'Not found', `Unknown resource: this ${what} does not exist.`);
}

function answer(ctx: SimulatorContext, { status, body }: { status: number; body: unknown }): void {
  ctx.status = status;
  ctx.body = body;
}
