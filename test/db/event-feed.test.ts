import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, expect, onTestFinished, test } from 'vitest';
import { endOfFeed, type FeedPlace, feedKnows, readFeed, upTo } from '../../db/event-feed.ts';
import type { Database } from '../../db/orm.ts';
import { addTickets } from '../api/rows.ts';
import { openTestDatabase } from '../support/database.ts';

const WRITERS = 4;

let db: Database;

beforeAll(async () => {
  db = await openTestDatabase();
  await addTickets(db, 10);
});
afterAll(() => db.close());

let sequence = 100;

/** Records an event of the `n`th ticket; answers its name. */
async function record(client: Pick<PoolClient, 'query'>, n: number): Promise<string> {
  sequence += 1;
  await client.query(
    `insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
     values (md5('ticket ' || $1::integer)::uuid, $2, 'ticket.changed', now(), 'system', 'a test', '{}')`,
    [n, sequence],
  );
  return `${n}:${sequence}`;
}

/** What comes after `place`, read in pages of `limit`. */
async function restOf(place: FeedPlace, limit: number): Promise<string[]> {
  const names: string[] = [];
  for (let at = place, looks = 0; looks < 2;) {
    const page = await readFeed(db.pool, at, limit);
    names.push(...page.events.map(nameOf));
    at = page.place;
    if (!page.more) looks += 1;
  }
  return names;
}

const nameOf = (event: { number: number; sequence: number }) => `${event.number}:${event.sequence}`;

test('an event of a transaction that began first and ended last is neither lost nor doubled', async () => {
  const [early, late] = [await db.pool.connect(), await db.pool.connect()];
  const start = await endOfFeed(db.pool);
  await early.query('begin');
  const a = await record(early, 1);
  const b = await record(late, 2);

  const first = await readFeed(db.pool, start, 10);
  await early.query('commit');
  const second = await readFeed(db.pool, first.place, 10);

  expect([first.events.map(nameOf), second.events.map(nameOf)]).toEqual([[b], [a]]);
  expect(await restOf(second.place, 10)).toEqual([]);
  expect(await restOf(start, 10)).toEqual([a, b]);
  early.release();
  late.release();
});

const step = fc.oneof(
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('record' as const), writer: fc.nat(WRITERS - 1), ticket: fc.nat(2) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({
      do: fc.constantFrom('commit' as const, 'commit' as const, 'rollback' as const),
      writer: fc.nat(WRITERS - 1),
    }),
  },
  {
    weight: 4,
    arbitrary: fc.record({ do: fc.constant('read' as const), from: fc.nat(), limit: fc.integer({ min: 1, max: 4 }) }),
  },
);

test('whatever overlaps, and wherever somebody goes on, he has each committed event once', async () => {
  const clients = await Promise.all(Array.from({ length: WRITERS }, () => db.pool.connect()));
  onTestFinished(() => clients.forEach((client) => client.release()));
  await fc.assert(
    fc.asyncProperty(
      fc.array(step, { minLength: 30, maxLength: 80 }),
      fc.integer({ min: 1, max: 5 }),
      async (steps, limit) => {
        const open: (string[] | null)[] = clients.map(() => null);
        const committed: string[] = [];
        /** What was committed before the transaction of an event began. */
        const before = new Map<string, readonly string[]>();
        const begun: string[][] = clients.map(() => []);
        const places = [{ place: await endOfFeed(db.pool), had: [] as string[] }];
        for (const one of steps) {
          if (one.do === 'read') {
            const { place, had } = places[one.from % places.length]!;
            const page = await readFeed(db.pool, place, one.limit);
            const names = page.events.map(nameOf);
            expect(new Set([...had, ...names]).size).toBe(had.length + names.length);
            for (const [index, event] of page.events.entries()) {
              places.push({ place: event.place, had: [...had, ...names.slice(0, index + 1)] });
            }
            places.push({ place: page.place, had: [...had, ...names] });
            continue;
          }
          const client = clients[one.writer]!;
          if (one.do === 'record') {
            if (open[one.writer] === null) {
              await client.query('begin');
              open[one.writer] = [];
              begun[one.writer] = [...committed];
            }
            const name = await record(client, 1 + one.writer * 2 + (one.ticket % 2));
            open[one.writer]!.push(name);
            before.set(name, begun[one.writer]!);
          } else if (open[one.writer] !== null) {
            await client.query(one.do);
            if (one.do === 'commit') committed.push(...open[one.writer]!);
            open[one.writer] = null;
          }
        }
        for (const client of clients) await client.query('rollback');
        for (const { place, had } of places) {
          const rest = await restOf(place, limit);
          expect([...had, ...rest].sort()).toEqual(committed.toSorted());
          // Of what is read together, what was committed before another began comes first.
          for (const [index, name] of rest.entries()) {
            const later = rest.slice(index + 1);
            expect(before.get(name)!.filter((earlier) => later.includes(earlier))).toEqual([]);
          }
        }
      },
    ),
    { numRuns: 20 },
  );
});

test('what is between two places is read without what came later', async () => {
  const start = await endOfFeed(db.pool);
  const a = await record(db.pool, 1);
  const until = await endOfFeed(db.pool);
  await record(db.pool, 2);

  const page = await readFeed(db.pool, upTo(start, until), 10);

  expect(page.events.map(nameOf)).toEqual([a]);
  expect(page.place).toEqual(until);
});

test('a place of a cluster that has come farther means nothing here', async () => {
  expect(await feedKnows(db.pool, await endOfFeed(db.pool))).toBe(true);
  expect(await feedKnows(db.pool, { seen: '900000000:900000000:', unfinished: null })).toBe(false);
});

test('a page costs the same however much there is before and after it', async () => {
  const { rows } = await db.pool.query<{ 'QUERY PLAN': string }>(
    `explain select * from ticket_events
     where transaction >= pg_snapshot_xmin('9000:9000:') and (transaction, ticket_id, sequence) > ('0'::xid8, $1::uuid, 0)
     order by transaction, ticket_id, sequence limit 10`,
    ['00000000-0000-0000-0000-000000000000'],
  );
  expect(rows.map((row) => row['QUERY PLAN']).join('\n')).toMatch(/Index Scan using ticket_events_by_transaction/);
});
