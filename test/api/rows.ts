/** Tickets put into the database by SQL, for tests that only read. */
import type { Database } from '../../db/orm.ts';
import { blankTicket, type Ticket } from '../../domain/ticket.ts';

const TWO_HOURS = 2 * 3_600_000;
const HOURS = { urgent: TWO_HOURS, high: TWO_HOURS, normal: TWO_HOURS, low: TWO_HOURS };

/** What all of them have in common: a first response that is owed since 1970. */
const STATE: Ticket = {
  ...blankTicket('', 0),
  channel: 'front',
  version: 3,
  sequence: 4,
  policy: {
    id: 'standard',
    name: 'Standard',
    version: 1,
    calendar: null,
    targets: { firstResponse: HOURS, nextResponse: null, resolution: null },
    warnAt: [0.5],
    ladder: [],
  },
  clocks: {
    firstResponse: {
      startedAt: 0,
      target: TWO_HOURS,
      counted: 0,
      since: 0,
      dueAt: TWO_HOURS,
      warnAt: [TWO_HOURS / 2],
      warnedAt: null,
      breachedAt: null,
      fulfilledAt: null,
    },
    nextResponse: null,
    resolution: null,
  },
};

/**
 * Inserts `count` tickets, a second apart and the newest last, spread over statuses, priorities and `people`; answers the
 * customer's id of each person.
 */
export async function addTickets({ pool }: Database, count: number, options: { from?: number; people?: number } = {}) {
  const { from = 1, people = 20 } = options;
  await pool.query(
    `insert into customers (id, email, name, created_at)
     select md5('customer ' || n)::uuid, 'customer' || n || '@example.com', 'Customer ' || n, now()
     from generate_series(1, $1::integer) n on conflict do nothing`,
    [people],
  );
  await pool.query(
    `insert into users (id, email, name, role, created_at)
     select md5('user ' || n)::uuid, 'user' || n || '@example.com', 'User ' || n, 'agent', now()
     from generate_series(1, $1::integer) n on conflict do nothing`,
    [people],
  );
  await pool.query(
    `insert into tickets (id, number, version, status, priority, channel, subject, requester_id, assignee_id, state,
                          created_at, updated_at)
     select md5('ticket ' || n)::uuid, n, 3, s.status, p.priority, 'front', 'Subject ' || n,
            md5('customer ' || (1 + n % $3::integer))::uuid,
            case when n % 3 = 0 then null else md5('user ' || (1 + n % $3::integer))::uuid end,
            $4::jsonb || jsonb_build_object('id', md5('ticket ' || n), 'number', n, 'status', s.status,
              'conversationId', 'cnv_' || n, 'priority', p.priority),
            now() - interval '1 day' + n * interval '1.000123 seconds', now()
     from generate_series($1::integer, $1::integer + $2::integer - 1) n
     cross join lateral (select (array['open', 'pending', 'resolved', 'closed'])[1 + n % 4] as status) s
     cross join lateral (select (array['low', 'normal', 'high', 'urgent'])[1 + n % 4] as priority) p`,
    [from, count, people, JSON.stringify(STATE)],
  );
}
