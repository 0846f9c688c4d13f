/**
 * Slack, simulated: the Web API's methods, the response_url of a click, and signed clicks, commands and events.
 *
 * Answers refusals with HTTP 200 and `ok: false`, as Slack does. Does not promise rate limits (order them as faults),
 * socket mode or files.
 */
import { z } from 'zod';
import { sendWebhook } from './delivery.ts';
import {
  readControl,
  refuseEmpty,
  type RunningSimulator,
  type SimulatorContext,
  type SimulatorRouter,
  startSimulator,
  type VendorError,
} from './simulator.ts';
import { slackMethods } from './slack-methods.ts';
import { SlackStore } from './slack-store.ts';
import { slackBody, slackHeaders } from './slack-webhooks.ts';
import { slackEventSchema } from './slack-wishes.ts';

export type SlackOptions = { port?: number; deskUrl: string; botToken: string; signingSecret: string };
export type SlackSimulator = RunningSimulator & { setDeskUrl(url: string): void };

const argumentsHoldingJson = new Set(['blocks', 'metadata', 'attachments', 'view']);
const bodyWithToken = z.looseObject({ token: z.string() });

/**
 * Starts Slack on 127.0.0.1; `slackApiUrl` is `${url}/api/`. Throws when a secret is empty or the port is taken.
 *
 * @example const slack = await startSlackSimulator({ deskUrl, botToken, signingSecret });
 */
export async function startSlackSimulator(options: SlackOptions): Promise<SlackSimulator> {
  const { botToken, signingSecret } = options;
  refuseEmpty('Slack', { botToken, signingSecret });
  const store = new SlackStore();
  let deskUrl = options.deskUrl;
  let origin = '';
  const running = await startSimulator(
    {
      name: 'Slack',
      routes: (router) => addRoutes(router, store, botToken),
      error: slackError,
      readForm: decodeJsonArguments,
      sendEvent: (input) => {
        const wish = readControl(slackEventSchema, input);
        const { type, body } = slackBody(wish, store, origin);
        const url = `${deskUrl}/slack/events`;
        return sendWebhook({ url, headers: slackHeaders(wish, type, body, signingSecret), body }, wish);
      },
      state: () => store.state(),
    },
    options.port,
  );
  origin = running.url;
  return { ...running, setDeskUrl: (url) => (deskUrl = url) };
}

function addRoutes(router: SimulatorRouter, store: SlackStore, botToken: string): void {
  const call = (ctx: SimulatorContext, name: string) => {
    if (tokenOf(ctx) === undefined) return { ok: false, error: 'not_authed' };
    if (tokenOf(ctx) !== botToken) return { ok: false, error: 'invalid_auth' };
    const method = slackMethods.get(name);
    if (method === undefined) return { ok: false, error: 'unknown_method', req_method: name };
    const args = ctx.method === 'GET' ? ctx.query : (ctx.state.body ?? {});
    const answer = method(args, store);
    return { ok: answer.error === undefined, ...answer };
  };
  router.post('/api/:method', (ctx) => (ctx.body = call(ctx, ctx.params['method'] ?? '')));
  router.get('/api/:method', (ctx) => (ctx.body = call(ctx, ctx.params['method'] ?? '')));
  router.post('/response/:token', (ctx) => {
    store.responses.push({ token: ctx.params['token'] ?? '', at: new Date().toISOString(), body: ctx.state.body });
    ctx.body = 'ok';
  });
}

function tokenOf(ctx: SimulatorContext): string | undefined {
  const [scheme, token] = ctx.get('authorization').split(' ');
  if (scheme === 'Bearer' && token !== undefined) return token;
  return bodyWithToken.safeParse(ctx.state.body).data?.token;
}

// Slack names a failure in `error`, and uses the status only for rate limits and for its own troubles.
function slackError(status: number | undefined, code: string | undefined): VendorError {
  if (status === 404) return { status, body: { ok: false, error: code ?? 'unknown_method' } };
  if (status === 429) return { status, body: { ok: false, error: code ?? 'ratelimited' } };
  return { status: status ?? 200, body: { ok: false, error: code ?? 'internal_error' } };
}

function decodeJsonArguments(fields: Record<string, string>): Record<string, unknown> {
  const entries = Object.entries(fields);
  return Object.fromEntries(
    entries.map(([name, value]) => [name, argumentsHoldingJson.has(name) ? parsedOrText(value) : value]),
  );
}

function parsedOrText(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return value;
  }
}
