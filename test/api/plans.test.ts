/** How PostgreSQL reads lists among many tickets: off an index, in its order where there is one, and never a whole table. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { clocksStatement } from '../../api/reads/sla-lists.ts';
import { figuresStatement } from '../../api/reads/sla-dashboard.ts';
import { byDeadline, listStatement, type TicketFilters } from '../../api/reads/ticket-lists.ts';
import { DESK, EVERYTHING, type Viewer } from '../../domain/scope.ts';
import type { Database } from '../../db/orm.ts';
import { openTestDatabase } from '../support/database.ts';
import { addTickets } from './rows.ts';

const FIRST = 100_000;
const NOBODY = '00000000-0000-4000-8000-000000000000';
/** Has a thousand tickets: what only a few are may well be sorted. */
const BUSY = 'b0000000-0000-4000-8000-000000000000';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
  await addTickets(db, 20_000, { from: FIRST, people: 200 });
  await db.pool.query(
    `insert into users (id, email, name, role, created_at) values ($1, 'busy@example.com', 'Busy', 'agent', now())`,
    [BUSY],
  );
  await db.pool.query(
    `update tickets set team_id = 'team-' || number % 20, support_type = 'type-' || number % 30,
            tags = jsonb_build_array('tag-' || number % 50), channel = case when number % 100 = 0 then 'api' else 'front' end,
            assignee_id = case when number % 20 = 0 then $1 else assignee_id end,
            late = number % 50 = 0, at_risk = number % 50 = 1,
            sla_due_at = case when number % 2 = 0 or number % 50 = 1 then created_at + interval '2 days' end`,
    [BUSY],
  );
  await db.pool.query(
    `insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
     select id, 1, 'sla.fulfilled', created_at - interval '2 days', 'system', 'test', '{"target": "firstResponse"}' from tickets`,
  );
  await db.pool.query('analyze');
}, 60_000);
afterAll(() => db.close());

async function planOf({ text, values }: { text: string; values: unknown[] }): Promise<string> {
  const { rows } = await db.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
  return rows.map((row) => row['QUERY PLAN']).join('\n');
}

describe('a page of the list', () => {
  const customer = 'customer7@example.com';
  const filters: TicketFilters[] = [
    {},
    { status: 'open' },
    { priority: 'urgent' },
    { assignee: 'none' },
    { assignee: NOBODY },
    { customer },
    { status: 'open', priority: 'low', assignee: 'none', customer },
    { team: 'team-3' },
    { supportType: 'type-3' },
    { channel: 'api' },
    { tag: 'tag-3' },
    { tag: 'none-at-all' },
    { sla: 'at_risk' },
    { sla: 'breached' },
    { status: 'open', team: 'team-3', tag: 'tag-3', sla: 'breached' },
  ];

  test.each(
    filters.flatMap((one) =>
      [true, false].flatMap((newest) => [true, false].map((first) => [one, newest, first] as const)),
    ),
  )('by %j (newest first: %s, first page: %s) reads an index and no whole table', async (one, newestFirst, first) => {
    const { rows: middle } = await db.pool.query<{ at: string; id: string }>(
      'select created_at::text as at, id from tickets where number = $1',
      [FIRST + 9_000],
    );
    const after = first ? null : [middle[0]?.at ?? '', middle[0]?.id ?? ''];
    const sort = newestFirst ? '-createdAt' : 'createdAt';
    const plan = await planOf(listStatement({ viewer: DESK, filters: one, sort, after, limit: 26 }));
    expect(plan).not.toMatch(/Seq Scan on tickets/);
    expect(plan).toMatch(/Index (Only )?Scan|Bitmap/);
  });

  test('of those that nobody has, newest first, is read off an index', async () => {
    const filters: TicketFilters = { assignee: 'none' };
    const plan = await planOf(listStatement({ viewer: DESK, filters, sort: '-createdAt', after: null, limit: 26 }));
    expect(plan).toMatch(/Index Scan using tickets_by_nobody/);
  });
});

describe('what is next', () => {
  const scoped: Viewer = { ...DESK, scope: { ...EVERYTHING, teams: ['team-3', 'team-4'] } };
  const lists: [string, Viewer, TicketFilters][] = [
    ['everybody', DESK, {}],
    ['a team', DESK, { team: 'team-4' }],
    ['nobody', DESK, { assignee: 'none' }],
    ['an agent', DESK, { assignee: BUSY }],
    ['a scope', scoped, {}],
    ['nobody in a scope', scoped, { assignee: 'none' }],
  ];

  test.each(lists.flatMap((one) => [true, false].map((first) => [...one, first] as const)))(
    'for %s is read in the order of an index and not sorted (%#)',
    async (_whose, viewer, filters, first) => {
      const after = first ? null : ['5', '1990-01-01', NOBODY];
      const plan = await planOf(listStatement({ viewer, filters, sort: 'next', after, limit: 26 }));
      expect(plan).toMatch(/Index Scan using tickets_next/);
      expect(plan).not.toMatch(/Seq Scan on tickets/);
      // What the joins take is a page; the tickets of the page come to them in order.
      expect(plan.slice(plan.indexOf('Limit'))).not.toMatch(/Sort\b/);
    },
  );
});

describe('deadlines', () => {
  test('of those that nobody has are read off an index that is in their order', async () => {
    const plan = await planOf(byDeadline(DESK, null, null, 26));
    expect(plan).toMatch(/Index Scan using tickets_held/);
    expect(plan).not.toMatch(/Seq Scan on tickets/);
  });

  test.each(['breaches', 'atRisk'] as const)('a page of the %s is read off an index in its order', async (list) => {
    const plan = await planOf(clocksStatement(DESK, { list, after: ['0', NOBODY], limit: 26 }));
    const index = list === 'breaches' ? 'tickets_by_breach' : 'tickets_by_risk';
    // Nothing between the limit and the index: no more rows are read than are shown.
    expect(plan).toMatch(new RegExp(`Limit[^\\n]*\\n *->  Index Scan using ${index} `));
    expect(plan).not.toMatch(/Seq Scan on tickets/);
  });

  test('and their figures are read off indexes', async () => {
    const now = Date.now();
    const plan = await planOf(figuresStatement(DESK, now, now - 3_600_000));
    expect(plan).not.toMatch(/Seq Scan on (tickets|ticket_events)/);
  });
});
