/**
 * Following the desk live: what happens to tickets and who is there, over a WebSocket or as server-sent events.
 *
 * One connection to PostgreSQL listens for all who follow at this process. Each is told of the tickets that he sees, row by
 * row, for as long as his session or key holds: its end, and any change of his rights, ends the connection at once; where
 * the word of it was lost, with the next heartbeat. What he missed while he was away comes again from the place that he
 * names, over either way. Does not promise that again for `agent_status`: it says what is, and GET /agents says it too.
 */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { AVAILABILITY_CHANNEL } from '../db/agent-states.ts';
import { endOfFeed, EVENTS_CHANNEL, feedKnows, type FeedPlace } from '../db/event-feed.ts';
import { listen } from '../db/listen.ts';
import { SESSIONS_CHANNEL } from '../db/sessions.ts';
import { DeskError } from '../domain/errors.ts';
import type { z } from 'zod';
import type { Credentials } from './authenticate.ts';
import type { Context, Middleware } from './context.ts';
import type { Cursors } from './cursor.ts';
import { fieldErrors } from './field-errors.ts';
import { createAgentTeller } from './live/agent-teller.ts';
import { createHub } from './live/hub.ts';
import type { Outlet } from './live/outlet.ts';
import { createPlaces, notOurs } from './live/places.ts';
import { createSeats, type Seat } from './live/seats.ts';
import { socketOutlet } from './live/socket-outlet.ts';
import { streamOutlet } from './live/stream-outlet.ts';
import { createUpgrades, type Upgrades } from './live/upgrade.ts';
import { type Principal, requirePermission } from './principal.ts';
import { findAgent } from './reads/agents.ts';
import { refusal, type RouteDescription } from './route.ts';
import { agentSocket, eventStream, followQuery, socketParams, socketQuery } from './routes/events.ts';

export interface LiveLimits {
  /** Connections of one principal, and in this process. */
  perPrincipal: number;
  all: number;
  /** Bytes that may wait unread on one connection. */
  mostWaiting: number;
  /** Between two heartbeats, in milliseconds. */
  beatMs: number;
}

export const LIVE_LIMITS: LiveLimits = { perPrincipal: 20, all: 2_000, mostWaiting: 512 * 1024, beatMs: 30_000 };

/** For what was never told: a broken connection is noticed late. */
const SWEEP_MS = 2_000;
const RETRY_MS = 1_000;
/** How long those who follow have to go when the process stops. */
const STOP_MS = 1_000;

export interface Live {
  readonly routes: readonly { description: RouteDescription; handle: Middleware }[];
  receive: Upgrades['receive'];
  /** How many follow over each way. */
  count(way: 'websocket' | 'sse'): number;
  /** Begins to listen. */
  start(): void;
  /** Lets everybody go; resolves when nobody is left and the connection to PostgreSQL was given back. */
  close(): Promise<void>;
}

export interface LiveDeps {
  orm: MikroORM;
  pool: Pool;
  credentials: Pick<Credentials, 'recall'>;
  cursors: Cursors;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
}

/** The live part of one API process. */
export function createLive(deps: LiveDeps, limits: LiveLimits = LIVE_LIMITS): Live {
  const { orm, pool, credentials, cursors, logger, now } = deps;
  const places = createPlaces(cursors);
  const seats = createSeats(limits, now);
  const hub = createHub({ pool, logger, places, mostWaiting: limits.mostWaiting });
  const upgrades = createUpgrades();
  const open = { websocket: 0, sse: 0 };
  const stopped = new AbortController();
  let listening: Promise<void> | null = null;

  return {
    routes: [
      { description: eventStream, handle: stream },
      { description: agentSocket, handle: socket },
    ],
    receive: upgrades.receive,
    count: (way) => open[way],
    start() {
      listening ??= work();
    },
    async close() {
      stopped.abort();
      await seats.close(STOP_MS);
      await listening;
    },
  };

  async function stream(ctx: Context): Promise<void> {
    const { lastEventId } = checked(followQuery, { ...ctx.query });
    if (ctx.method === 'HEAD') {
      ctx.status = 200;
      ctx.type = 'text/event-stream';
      return;
    }
    const { seat, from } = await enter(ctx, ctx.get('Last-Event-ID') || lastEventId);
    ctx.respond = false;
    ctx.status = 200;
    follow('sse', seat, streamOutlet(ctx.res), from);
  }

  async function socket(ctx: Context): Promise<void> {
    const { agentId } = checked(socketParams, ctx['params']);
    const { lastEventId } = checked(socketQuery, { ...ctx.query });
    await requireOwn(principalOf(ctx), agentId);
    upgrades.check(ctx);
    const { seat, from } = await enter(ctx, lastEventId);
    try {
      const { webSocket, connection } = await upgrades.take(ctx, (error) => {
        logger.debug({ err: error }, 'A WebSocket broke.');
      });
      follow('websocket', seat, socketOutlet(webSocket, connection), from);
    } catch (error) {
      seat.leave();
      throw error;
    }
  }

  /** Somebody else's is for those who may look at everybody's work; what they are told is what they see themselves. */
  async function requireOwn(principal: Principal, agentId: string): Promise<void> {
    if (principal.userId !== agentId.toLowerCase()) requirePermission(principal, 'workload:read');
    await findAgent(orm.em.fork(), agentId);
  }

  /**
   * A seat, taken first, so that what ends the session from now on finds it; and where to go on, or where the feed ends
   * now, so that whoever reads the lists once he is connected misses nothing.
   */
  async function enter(ctx: Context, lastEventId: string | undefined): Promise<{ seat: Seat; from: FeedPlace }> {
    const named = lastEventId === undefined ? null : places.read(lastEventId);
    const seat = seats.take(principalOf(ctx));
    try {
      if (named !== null && !(await feedKnows(pool, named))) throw notOurs();
      const from = named ?? (await endOfFeed(pool));
      // Who he was a moment ago is remembered; who he is now counts.
      const principal = await credentials.recall(seat.principal);
      if (principal === null)
        throw new DeskError('unauthenticated', 'The session or the key has ended; sign in again.');
      requirePermission(principal, 'live:follow');
      seat.principal = principal;
      return { seat, from };
    } catch (error) {
      seat.leave();
      throw error;
    }
  }

  function follow(way: keyof typeof open, seat: Seat, outlet: Outlet, from: FeedPlace): void {
    const follower = { principal: seat.principal, outlet };
    open[way] += 1;
    void afterwards();
    seat.sit(outlet);
    hub.join(follower, from).catch((error: unknown) => {
      logger.warn({ err: error }, 'Somebody could not catch up with what happened, and connects again.');
      void outlet.end('broken');
    });

    async function afterwards(): Promise<void> {
      await outlet.closed;
      open[way] -= 1;
      hub.leave(follower);
      seat.leave();
    }
  }

  async function work(): Promise<void> {
    const sweep = setInterval(() => hub.wake(), SWEEP_MS);
    const beat = setInterval(() => {
      hub.beat();
      review();
    }, limits.beatMs);
    let brokenAt: number | null = null;
    const teller = createAgentTeller(pool, logger, (agents) => hub.tellAgents(agents));
    await listen(
      pool,
      {
        channels: [EVENTS_CHANNEL, AVAILABILITY_CHANNEL, SESSIONS_CHANNEL],
        retryMs: RETRY_MS,
        onConnected() {
          // Whatever was told before, or while there was no connection.
          hub.wake();
          review();
          if (brokenAt !== null) teller.missed(performance.now() - brokenAt);
          brokenAt = null;
        },
        onNotify(channel, payload) {
          if (channel === EVENTS_CHANNEL) hub.wake();
          else if (channel === SESSIONS_CHANNEL) seats.endWith(payload);
          else teller.changed(payload);
        },
        onBroken(error) {
          brokenAt ??= performance.now();
          logger.warn({ err: error }, 'What happens is not told by the database for now; it is looked for instead.');
        },
      },
      stopped.signal,
    );
    clearInterval(sweep);
    clearInterval(beat);
  }

  function review(): void {
    seats.review(credentials.recall).catch((error: unknown) => {
      logger.warn({ err: error }, 'Whether those who follow may still do so could not be read; it is tried again.');
    });
  }
}

function checked<T extends z.ZodType>(schema: T, value: unknown): z.output<T> {
  const parsed = schema.safeParse(value);
  if (!parsed.success) throw refusal(fieldErrors(parsed.error));
  return parsed.data;
}

function principalOf({ state }: Context): Principal {
  const { principal } = state;
  if (principal === null || principal === undefined) throw new DeskError('unauthenticated', 'Sign in first.');
  return principal;
}
