/** The API as one Koa application: middleware in order, webhooks, routes. Knows neither the environment nor a port. */
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Database } from '../db/orm.ts';
import { createLedger, type Ledger } from '../db/ledger.ts';
import { DeskError } from '../domain/errors.ts';
import { createSettings } from '../db/settings.ts';
import type { OpenedFiles } from '../integrations/files.ts';
import type { Advisor } from '../integrations/advisor.ts';
import type { FrontSecrets } from '../integrations/front.ts';
import type { ShadowClient } from '../workflows/shadow-client.ts';
import type { TicketClient } from '../workflows/ticket-client.ts';
import { createCredentials } from './authenticate.ts';
import { createClientAddress } from './client-address.ts';
import type { Context, Middleware, RequestState } from './context.ts';
import { createCursors } from './cursor.ts';
import type { Load } from './load.ts';
import { createLive, LIVE_LIMITS, type Live, type LiveLimits } from './live.ts';
import { localFiles } from './files.ts';
import { createLoginGuard } from './login-guard.ts';
import { accessLog } from './middleware/access-log.ts';
import { answer } from './middleware/answer.ts';
import { authentication } from './middleware/authentication.ts';
import { authorisation } from './middleware/authorisation.ts';
import { backPressure, isHealth } from './middleware/back-pressure.ts';
import { jsonBody } from './middleware/body.ts';
import { conditionalGet } from './middleware/conditional.ts';
import { errors } from './middleware/errors.ts';
import { idempotency } from './middleware/idempotency.ts';
import { input } from './middleware/input.ts';
import { requestMetrics } from './middleware/metrics.ts';
import { notFound } from './middleware/not-found.ts';
import { querySize } from './middleware/query-size.ts';
import { rateLimit } from './middleware/rate-limit.ts';
import { requestId } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { requestTracing } from './middleware/tracing.ts';
import { type ApiMetrics, createApiMetrics } from './metrics.ts';
import { openApiDocument } from './openapi-document.ts';
import { createPagerdutyWebhook, pagerdutyWebhook } from './pagerduty.ts';
import { createRateLimiter } from './rate-limiter.ts';
import type { Route, RouteDescription } from './route.ts';
import { DESCRIPTIONS, ROUTES } from './routes/index.ts';
import type { Services, TemporalView, WorkflowLinks } from './services.ts';
import { createSlackEvents, type SlackEventsOptions } from './slack.ts';
import { createTokens } from './tokens.ts';
import { slackEvents } from './slack-description.ts';
import { createFrontWebhook, frontWebhook } from './webhooks.ts';

export interface ApiDeps {
  database: Database;
  /** Signs tokens and cursors. */
  appSecret: string;
  tickets: TicketClient;
  shadows: ShadowClient;
  temporal: TemporalView;
  links: WorkflowLinks;
  /** Front's secrets; undefined where Front is not connected. */
  front: FrontSecrets | undefined;
  /** Undefined where Slack is not connected. */
  slack: SlackEventsOptions['config'] | undefined;
  /** The secrets of PagerDuty's webhook subscriptions; undefined where PagerDuty is not connected. */
  pagerduty: readonly string[] | undefined;
  /** Who advises about customers and tickets; undefined where no second engine is connected. */
  second?: Advisor | undefined;
  /** How long a reply can be taken back, in milliseconds. */
  undoSendMs: number;
  files: OpenedFiles;
  /** Where callers reach the desk; null: where they say that they do. */
  publicUrl: string | null;
  /** What this process has taken on. */
  load: Load;
  /** Requests a minute: of a principal, and of a network address without one. */
  rates: { perPrincipal: number; perAddress: number };
  /** Addresses and networks whose `X-Forwarded-For` is believed. */
  trustedProxies: readonly string[];
  logger: Logger;
  /** Milliseconds since 1970; the machine's clock unless a test brings its own. */
  now?: () => number;
  ledger?: Ledger;
  /** What is counted here; metrics of its own where none are given. */
  metrics?: ApiMetrics;
  /** Whether this process keeps traces. */
  traced?: boolean;
  /** What differs from the usual for those who follow. */
  live?: Partial<LiveLimits>;
}

/** An API: its way to answer, and its live part, which is started and stopped with the server. */
export interface Api {
  callback(): ReturnType<Koa['callback']>;
  live: Live;
}

const MINUTE_MS = 60_000;

/**
 * Makes the API of its parts.
 *
 * @example createServer(createApi(deps).callback()).listen(4600)
 */
export function createApi(deps: ApiDeps): Api {
  const { logger, now = Date.now } = deps;
  const services = servicesOf(deps, now);
  const { pool, ledger } = services;
  const app = new Koa<RequestState>();
  app.on('error', (error: unknown) => logger.error({ err: error }, 'An answer could not be written.'));
  app.use(requestId);
  if (deps.traced === true) app.use(requestTracing);
  app.use(requestMetrics(services.metrics));
  app.use(accessLog(logger));
  app.use(errors(logger));
  const addressOf = createClientAddress(deps.trustedProxies);
  app.use((ctx, next) => {
    ctx.request.ip = addressOf(ctx.req);
    return next();
  });
  app.use(backPressure(deps.load));
  app.use(querySize);
  app.use(post(frontWebhook.path, createFrontWebhook(deps.front, ledger, logger)));
  const slack = deps.slack && createSlackEvents({ config: deps.slack, ledger, logger, now });
  app.use(post(slackEvents.path, slack ?? slackIsNotConnected));
  app.use(post(pagerdutyWebhook.path, createPagerdutyWebhook(deps.pagerduty, ledger, logger)));
  // Vendors' machines read no headers for browsers, and a burst of theirs pays for each.
  app.use(securityHeaders);
  if (deps.files.local !== null) app.use(localFiles(deps.files.local, pool));
  const router = new Router<RequestState>();
  const identify = authentication(services.credentials.authenticate);
  const { perPrincipal, perAddress } = deps.rates;
  const rates = {
    principals: createRateLimiter(perPrincipal, MINUTE_MS, now),
    addresses: createRateLimiter(perAddress, MINUTE_MS, now),
  };
  const counted = rateLimit(rates, identify);
  const onceForEachKey = idempotency(pool, logger);
  for (const route of ROUTES) mount(router, route, isHealth(route.path) ? identify : counted, onceForEachKey, services);
  const live = createLive({ ...services, ...deps.database }, { ...LIVE_LIMITS, ...deps.live });
  for (const way of ['websocket', 'sse'] as const) services.metrics.watchSockets(way, () => live.count(way));
  for (const { description, handle } of live.routes) {
    router.get(pathOf(description), named(description), counted, authorisation(description.permission), handle);
  }
  app.use(router.routes());
  app.use(notFound(DESCRIPTIONS));
  return { callback: () => app.callback(), live };
}

function mount(
  router: Router<RequestState>,
  route: Route,
  identify: Middleware,
  once: Middleware,
  services: Services,
): void {
  const changes = route.method === 'post' || route.method === 'patch';
  const line: Middleware[] = [
    named(route),
    identify,
    authorisation(route.permission),
    jsonBody(route),
    input(route),
    changes && route.secret !== true ? once : conditionalGet,
    answer(route, services),
  ];
  router[route.method](pathOf(route), ...line);
}

/** The path as the router writes it. */
function pathOf({ path }: RouteDescription): string {
  return path.replaceAll(/\{(\w+)\}/g, ':$1');
}

/** Names the route, also of a request that is refused on its way in. */
function named({ path }: RouteDescription): Middleware {
  return (ctx, next) => {
    ctx.state.route = path;
    return next();
  };
}

function slackIsNotConnected(): Promise<void> {
  const detail = 'Slack is not connected to this desk; set the SLACK_ variables to connect it.';
  return Promise.reject(new DeskError('not_found', detail));
}

/** Before the router, and past everything that a signed request does not need. */
function post(path: string, handle: (ctx: Context) => Promise<void>): Middleware {
  return (ctx, next) => {
    if (ctx.method !== 'POST' || ctx.path !== path) return next();
    ctx.state.route = path;
    return handle(ctx);
  };
}

function servicesOf(deps: ApiDeps, now: () => number): Services {
  const { orm, pool } = deps.database;
  const { tickets, shadows, temporal, links, logger } = deps;
  const tokens = createTokens(deps.appSecret, now);
  return {
    orm,
    pool,
    metrics: deps.metrics ?? createApiMetrics({ pool, logger, now, load: deps.load }),
    ledger: deps.ledger ?? createLedger(pool),
    tickets,
    shadows,
    temporal,
    links,
    cursors: createCursors(deps.appSecret),
    files: deps.files.files,
    publicUrl: deps.publicUrl,
    tokens,
    credentials: createCredentials(pool, tokens, logger, now),
    loginGuard: createLoginGuard(pool),
    settings: createSettings(pool),
    second: deps.second,
    undoSendMs: deps.undoSendMs,
    logger,
    now,
    document: once(() => openApiDocument(DESCRIPTIONS)),
  };
}

/** Does the work when it is first asked for, and answers the same from then on. */
function once<T>(work: () => T): () => T {
  let done: { answer: T } | undefined;
  return () => (done ??= { answer: work() }).answer;
}
