import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { sightOf } from '../../api/live/sight.ts';
import { visibleTickets } from '../../api/reads/visible.ts';
import { EVERYTHING, type Scope, type Viewer } from '../../domain/scope.ts';
import { followBySocket, happen } from './live-desk.ts';
import { addTickets } from './rows.ts';
import { startApi, type TestApi } from './support.ts';

const TICKETS = 24;
const TEAMS = ['billing', 'fulfilment', null];
const TYPES = ['complaint', 'how-to', null];

let api: TestApi;
let ids: string[];
let users: string[];
let customers: string[];
let organisation: string;

beforeAll(async () => {
  api = await startApi();
  await addTickets(api.db, TICKETS, { people: 4 });
  const { pool } = api.db;
  const team = TEAMS.map((_, index) => `when ${index} then ${index === 2 ? 'null' : `'${TEAMS[index]}'`}`).join(' ');
  const type = TYPES.map((_, index) => `when ${index} then ${index === 2 ? 'null' : `'${TYPES[index]}'`}`).join(' ');
  await pool.query(
    `update tickets set team_id = case number % 3 ${team} end, support_type = case number / 3 % 3 ${type} end`,
  );
  organisation = randomUUID();
  await pool.query(`insert into organisations (id, name, created_at) values ($1, 'Acme', now())`, [organisation]);
  await pool.query(
    `update customers set organisation_id = $1 where id in (select requester_id from tickets where number % 4 = 1)`,
    [organisation],
  );
  const read = async (sql: string) => (await pool.query<{ id: string }>(sql)).rows.map(({ id }) => id);
  ids = await read('select id from tickets order by number');
  users = await read('select distinct assignee_id as id from tickets where assignee_id is not null order by 1');
  customers = await read('select distinct requester_id as id from tickets order by 1');
});
afterAll(() => api.close());

const some = (choice: readonly (string | null)[]) =>
  fc.option(fc.subarray(choice.filter((one) => one !== null)), { nil: null });

test('viewers who are asked for together see what each sees alone', async () => {
  const viewer: fc.Arbitrary<Viewer> = fc.oneof(
    fc.record({
      holderId: fc.constantFrom(...users, randomUUID(), null),
      customerId: fc.constant(null),
      scope: fc.record<Scope>({
        supportTypes: some(TYPES),
        teams: some(TEAMS),
        organisations: fc.constantFrom(null, [], [organisation]),
      }),
    }),
    fc.record({
      holderId: fc.constantFrom(...users),
      customerId: fc.constantFrom(...customers),
      scope: fc.constant(EVERYTHING),
    }),
  );
  await fc.assert(
    fc.asyncProperty(fc.array(viewer, { minLength: 1, maxLength: 12 }), async (viewers) => {
      const sees = await sightOf(api.db.pool, viewers, ids);
      for (const one of viewers) {
        const values: unknown[] = [];
        const conditions = visibleTickets(one, 't', (value) => `$${values.push(value)}`);
        const where = conditions.length === 0 ? '' : `where ${conditions.join(' and ')}`;
        const { rows } = await api.db.pool.query<{ id: string }>(`select id from tickets t ${where}`, values);
        expect(ids.filter(sees(one)).sort()).toEqual(rows.map(({ id }) => id).sort());
      }
    }),
    { numRuns: 60 },
  );
});

test('however many follow, an event costs one statement for each scope, and none for who sees everything', async () => {
  const scoped = (teams: string[]): Viewer => ({
    holderId: randomUUID(),
    customerId: null,
    scope: { ...EVERYTHING, teams },
  });
  const viewers = Array.from({ length: 500 }, (_, index) => scoped(index % 2 === 0 ? ['billing'] : ['fulfilment']));
  const everybody = viewers.map((viewer) => ({ ...viewer, scope: EVERYTHING }));
  const asked = vi.spyOn(api.db.pool, 'query');

  await sightOf(api.db.pool, everybody, ids);
  const forNobody = asked.mock.calls.length;
  await sightOf(api.db.pool, viewers, ids);

  expect([forNobody, asked.mock.calls.length]).toEqual([0, 2]);
  asked.mockRestore();
});

test('an agent is told of what is in his scope or in his hands, and of no more from when it leaves them', async () => {
  const { pool } = api.db;
  const [scoped, everywhere] = [await api.newKey('agent'), await api.newKey('agent')];
  const scope: Scope = { supportTypes: null, teams: ['billing'], organisations: null };
  await pool.query('update users set scope = $2 where id = $1', [scoped.userId, JSON.stringify(scope)]);
  await pool.query(`update tickets set assignee_id = null, team_id = 'billing' where number in (1, 2)`);
  await pool.query(`update tickets set assignee_id = null, team_id = 'fulfilment' where number in (3, 4)`);
  const [his, all] = [
    await followBySocket(api, scoped.userId, { key: scoped.key }),
    await followBySocket(api, everywhere.userId, { key: everywhere.key }),
  ];
  const a = await happen(pool, 1);
  const b = await happen(pool, 3);
  await pool.query('update tickets set assignee_id = $1 where number = 4', [scoped.userId]);
  const c = await happen(pool, 4);
  const d = await happen(pool, 2);
  await all.until(4);
  await pool.query(`update tickets set team_id = 'fulfilment' where number = 1`);
  await pool.query('update tickets set assignee_id = null where number = 4');
  const hidden = [await happen(pool, 1, 'ticket.transferred'), await happen(pool, 4, 'ticket.unassigned')];
  const e = await happen(pool, 2);

  expect(await all.until(7)).toEqual([a, b, c, d, ...hidden, e]);
  expect(await his.until(4)).toEqual([a, c, d, e]);
  his.close();

  // Nor does coming back show what he does not see now.
  const missed = [await happen(pool, 3), await happen(pool, 2)];
  const again = await followBySocket(api, scoped.userId, { key: scoped.key, lastEventId: all.lastEventId() });
  expect(await again.until(1)).toEqual([missed[1]]);
  again.close();
  all.close();
});

test('a key that was cut down to following is told of tickets, and not of agents', async () => {
  const agent = await api.newKey('agent');
  await api.db.pool.query(`update api_keys set permissions = '["live:follow"]' where id = $1`, [agent.keyId]);
  const socket = await followBySocket(api, agent.userId, { key: agent.key });
  await api.db.pool.query(`update agents set availability = 'online' where id = $1`, [agent.userId]);
  const name = await happen(api.db.pool, 5);
  expect(await socket.until(1)).toEqual([name]);
  expect(socket.frames).toHaveLength(1);
  socket.close();
});
