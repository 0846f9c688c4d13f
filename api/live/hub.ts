/**
 * One look at the feed for all who follow it: woken by NOTIFY, the hub reads what is new once, asks who sees it, and hands
 * each frame to those. Whoever comes back first gets what he missed, at his own pace, and then joins the others.
 *
 * Promises each follower every event of the tickets that he sees at the time, in the feed's order, once. Does not promise
 * what a ticket was like at an event: frames say what it is like when they are made. A follower that reads too slowly is let
 * go and comes back for the rest.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { setImmediate as others, setTimeout as wait } from 'node:timers/promises';
import type { AgentState } from '../../db/agent-states.ts';
import { endOfFeed, type FedEvent, type FeedPlace, readFeed, upTo } from '../../db/event-feed.ts';
import { may } from '../../domain/permissions.ts';
import type { Principal } from '../principal.ts';
import { agentFrame, eventFrame } from './frames.ts';
import type { Outlet } from './outlet.ts';
import type { Places } from './places.ts';
import { sightOf } from './sight.ts';

/** How many events are read together. */
const PAGE = 200;
/** After so many followers the process does other things in between. */
const AT_A_TIME = 100;
/** How long one who catches up may take to read a page. */
const PATIENCE_MS = 30_000;

interface Follower {
  principal: Principal;
  outlet: Outlet;
}

export interface Hub {
  /** Tells the follower what came after `from`, until he leaves; resolves when he has caught up. */
  join(follower: Follower, from: FeedPlace): Promise<void>;
  leave(follower: Follower): void;
  /** There may be something new. */
  wake(): void;
  tellAgents(agents: readonly AgentState[]): void;
  /** Shows every follower that the desk is there. */
  beat(): void;
}

export interface HubDeps {
  pool: Pool;
  logger: Logger;
  places: Places;
  /** How many bytes may wait unread for one follower. */
  mostWaiting: number;
}

/** The hub of one process. */
export function createHub({ pool, logger, places, mostWaiting }: HubDeps): Hub {
  const followers = new Set<Follower>();
  /** Those of them who have caught up. */
  const joined = new Set<Follower>();
  /** How far all who have joined are; null while nobody has. */
  let place: FeedPlace | null = null;
  let turn: Promise<unknown> = Promise.resolve();
  let woken = false;
  let busy = false;

  return {
    async join(follower, from) {
      followers.add(follower);
      const at = await catchUp(follower, from);
      await inTurn(() => admit(follower, at));
    },
    leave(follower) {
      followers.delete(follower);
      joined.delete(follower);
    },
    wake() {
      if (woken) return;
      woken = true;
      inTurn(look).catch((error: unknown) => {
        logger.warn({ err: error }, 'What happened could not be read for those who follow; it is tried again.');
      });
    },
    tellAgents(agents) {
      const frames = agents.map(agentFrame);
      for (const follower of followers) {
        if (!may(follower.principal, 'agents:read')) continue;
        follower.outlet.send(frames);
        letGoOfSlow(follower);
      }
    },
    beat() {
      // In the middle of a look some are farther than the others.
      const id = busy || place === null ? null : places.write(place);
      for (const follower of followers) {
        follower.outlet.beat();
        if (id !== null && joined.has(follower)) follower.outlet.mark(id);
      }
    },
  };

  /** One thing at a time, so that nobody joins in the middle of a look. */
  function inTurn(work: () => Promise<void>): Promise<void> {
    const before = turn;
    const done = alone();
    async function alone(): Promise<void> {
      await before;
      busy = true;
      try {
        await work();
      } finally {
        busy = false;
      }
    }
    turn = done.catch(() => 'whoever waits for it is told');
    return done;
  }

  /** Everything new, to all who have joined. */
  async function look(): Promise<void> {
    woken = false;
    if (joined.size === 0) place = null;
    while (place !== null) {
      const page = await readFeed(pool, place, PAGE);
      await show(page.events, [...joined]);
      place = page.place;
      if (!page.more) return;
    }
  }

  /** Pages after `from`, each when the one before was taken, until there is less than a page; answers how far that was. */
  async function catchUp(follower: Follower, from: FeedPlace): Promise<FeedPlace> {
    let at = from;
    for (let behind = true; behind && follower.outlet.open;) {
      const page = await readFeed(pool, at, PAGE);
      // A look that took long to read to its end is itself of long ago.
      behind = page.more || at.unfinished !== null;
      await show(page.events, [follower]);
      at = page.place;
      if (!(await drainedInTime(follower.outlet))) void follower.outlet.end('slow');
    }
    return at;
  }

  /** The little that is left between `at` and where the others are, and then the follower is one of them. */
  async function admit(follower: Follower, at: FeedPlace): Promise<void> {
    // Where the others are is not before where he is: he may come from another process, which was ahead of this one.
    await look();
    place ??= await endOfFeed(pool);
    for (let mine = at; follower.outlet.open && mine.seen !== place.seen;) {
      const page = await readFeed(pool, upTo(mine, place), PAGE);
      await show(page.events, [follower]);
      mine = page.place;
    }
    if (!follower.outlet.open) return;
    joined.add(follower);
    follower.outlet.mark(places.write(place));
  }

  async function show(events: readonly FedEvent[], followers: readonly Follower[]): Promise<void> {
    if (events.length === 0) return;
    const principals = followers.map(({ principal }) => principal);
    const sees = await sightOf(pool, principals, [...new Set(events.map(({ ticketId }) => ticketId))]);
    const frames = events.map((event) => ({
      ticketId: event.ticketId,
      ...eventFrame(event, places.write(event.place)),
    }));
    for (const [index, follower] of followers.entries()) {
      const seen = sees(follower.principal);
      follower.outlet.send(frames.filter(({ ticketId }) => seen(ticketId)));
      if (joined.has(follower)) letGoOfSlow(follower);
      if (index % AT_A_TIME === AT_A_TIME - 1) await others();
    }
  }

  function letGoOfSlow(follower: Follower): void {
    if (follower.outlet.waiting <= mostWaiting) return;
    followers.delete(follower);
    joined.delete(follower);
    void follower.outlet.end('slow');
  }
}

async function drainedInTime(outlet: Outlet): Promise<boolean> {
  const over = new AbortController();
  const patience = wait(PATIENCE_MS, false, { signal: over.signal });
  try {
    return await Promise.race([outlet.drained().then(() => true), patience]);
  } finally {
    over.abort();
  }
}
