/** The API as one Koa application: middleware in order, webhooks, routes. Knows neither the environment nor a port. */
import { Router } from '@koa/router';
import Koa from 'koa';
import type { Logger } from 'pino';
import type { Database } from '../db/orm.ts';
import { createLedger, type Ledger } from '../db/ledger.ts';
import { createSettings } from '../db/settings.ts';
import type { FrontSecrets } from '../integrations/front.ts';
import type { ShadowClient } from '../workflows/shadow-client.ts';
import type { TicketClient } from '../workflows/ticket-client.ts';
import { createAuthenticate } from './authenticate.ts';
import type { Context, Middleware, RequestState } from './context.ts';
import { createCursors } from './cursor.ts';
import { createLoginGuard } from './login-guard.ts';
import { accessLog } from './middleware/access-log.ts';
import { answer } from './middleware/answer.ts';
import { authentication } from './middleware/authentication.ts';
import { authorisation } from './middleware/authorisation.ts';
import { jsonBody } from './middleware/body.ts';
import { conditionalGet } from './middleware/conditional.ts';
import { errors } from './middleware/errors.ts';
import { idempotency } from './middleware/idempotency.ts';
import { input } from './middleware/input.ts';
import { notFound } from './middleware/not-found.ts';
import { requestId } from './middleware/request-id.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { openApiDocument } from './openapi-document.ts';
import { createPagerdutyWebhook, pagerdutyWebhook } from './pagerduty.ts';
import type { Route } from './route.ts';
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
  /** How long a reply can be taken back, in milliseconds. */
  undoSendMs: number;
  logger: Logger;
  /** Milliseconds since 1970; the machine's clock unless a test brings its own. */
  now?: () => number;
  ledger?: Ledger;
}

/**
 * Makes the API of its parts.
 *
 * @example createServer(createApi(deps).callback()).listen(4600)
 */
export function createApi(deps: ApiDeps): Koa<RequestState> {
  const { logger, now = Date.now } = deps;
  const services = servicesOf(deps, now);
  const { pool, ledger, tokens } = services;
  const authenticate = createAuthenticate(pool, tokens, logger, now);
  const app = new Koa<RequestState>();
  app.on('error', (error: unknown) => logger.error({ err: error }, 'An answer could not be written.'));
  app.use(requestId);
  app.use(accessLog(logger));
  app.use(errors(logger));
  app.use(post(frontWebhook.path, createFrontWebhook(deps.front, ledger, logger)));
  if (deps.slack !== undefined) {
    app.use(post(slackEvents.path, createSlackEvents({ config: deps.slack, ledger, logger, now })));
  }
  app.use(post(pagerdutyWebhook.path, createPagerdutyWebhook(deps.pagerduty, ledger, logger)));
  // Vendors' machines read no headers for browsers, and a burst of theirs pays for each.
  app.use(securityHeaders);
  const router = new Router<RequestState>();
  const identify = authentication(authenticate);
  const once = idempotency(pool, logger);
  for (const route of ROUTES) mount(router, route, identify, once, services);
  app.use(router.routes());
  app.use(notFound(DESCRIPTIONS));
  return app;
}

function mount(
  router: Router<RequestState>,
  route: Route,
  identify: Middleware,
  once: Middleware,
  services: Services,
): void {
  const path = route.path.replaceAll(/\{(\w+)\}/g, ':$1');
  const changes = route.method === 'post' || route.method === 'patch';
  const line: Middleware[] = [
    identify,
    authorisation(route.permission),
    jsonBody(route),
    input(route),
    changes && route.secret !== true ? once : conditionalGet,
    answer(route, services),
  ];
  router[route.method](path, ...line);
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
  return {
    orm,
    pool,
    ledger: deps.ledger ?? createLedger(pool),
    tickets,
    shadows,
    temporal,
    links,
    cursors: createCursors(deps.appSecret),
    tokens: createTokens(deps.appSecret, now),
    loginGuard: createLoginGuard(now),
    settings: createSettings(pool),
    undoSendMs: deps.undoSendMs,
    logger,
    now,
    document: openApiDocument(DESCRIPTIONS),
  };
}
