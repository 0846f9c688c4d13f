import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { addTickets } from './rows.ts';
import { followByStream, happen, type StreamFollowing } from './live-desk.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;
let open: StreamFollowing[] = [];

beforeAll(async () => {
  api = await startApi();
  await addTickets(api.db, 12);
  ({ key } = await api.newKey('admin'));
});
afterEach(() => {
  for (const one of open) one.close();
  open = [];
});
afterAll(() => api.close());

/** A stream that has said where it is. */
async function follow(ask: { key?: string; lastEventId?: string | undefined } = {}): Promise<StreamFollowing> {
  const stream = await followByStream(api, { key, ...ask });
  open.push(stream);
  await vi.waitUntil(() => stream.lastEventId() !== undefined);
  return stream;
}

describe('what is told', () => {
  test('an event with the facts that a list shows, and not a word that anybody wrote', async () => {
    const stream = await follow();
    const name = await happen(api.db.pool, 1, 'ticket.created');
    await happen(api.db.pool, 2, 'sla.warned');
    await happen(api.db.pool, 3, 'note.added');

    await stream.until(3);

    expect(stream.frames.map(({ type }) => type)).toEqual(['new_ticket', 'sla_warning', 'ticket_update']);
    expect(stream.frames[0]).toEqual({
      type: 'new_ticket',
      at: expect.stringMatching(/Z$/),
      data: {
        id: expect.any(String),
        reference: 'T-1',
        event: 'ticket.created',
        sequence: Number(name.split(':')[1]),
        eventId: expect.any(String),
        actor: { kind: 'system', id: null },
        version: 3,
        status: 'pending',
        priority: 'normal',
        supportType: null,
        team: null,
        assignee: { id: expect.any(String), name: 'User 2' },
        slaDueAt: null,
      },
    });
    expect(stream.text()).toContain('event: new_ticket\ndata: {"type":"new_ticket"');
  });

  test('who comes and who leaves, once for each change, however it came about', async () => {
    const agent = await api.newKey('agent');
    const stream = await follow();
    const login = await api.ask('POST', `/api/v1/agents/${agent.userId}/login`, { key: agent.key, json: {} });
    expect(login.status).toBe(200);
    await vi.waitUntil(() => stream.frames.length === 1);
    await api.db.pool.query(`update agents set last_seen_at = now() where id = $1`, [agent.userId]);
    await api.db.pool.query(`update agents set availability = 'away' where id = $1`, [agent.userId]);

    await vi.waitUntil(() => stream.frames.length === 2);

    expect(stream.frames.map(({ type, data }) => ({ type, data }))).toMatchObject([
      { type: 'agent_status', data: { id: agent.userId, name: 'Ada', availability: 'online', load: 0 } },
      { type: 'agent_status', data: { id: agent.userId, availability: 'away' } },
    ]);
  });

  test('nothing of a transaction that is rolled back', async () => {
    const stream = await follow();
    const client = await api.db.pool.connect();
    await client.query('begin');
    await happen(client, 4);
    await client.query('rollback');
    client.release();
    const told = await happen(api.db.pool, 5);

    expect(await stream.until(1)).toEqual([told]);
  });
});

describe('going on after a disconnect', () => {
  test('brings what was missed, each event once and in order, also of transactions that overlapped', async () => {
    const { pool } = api.db;
    const watching = await follow();
    const before = await follow();
    const [early, late] = [await pool.connect(), await pool.connect()];
    await early.query('begin');
    await late.query('begin');
    const a = await happen(early, 1);
    const b = await happen(late, 2);
    const c = await happen(pool, 3);
    await before.until(1);
    before.close();
    await late.query('commit');
    await watching.until(2);
    const d = await happen(pool, 4);
    await watching.until(3);
    await early.query('commit');
    await watching.until(4);
    const e = await happen(pool, 5);
    early.release();
    late.release();

    expect(await watching.until(5)).toEqual([c, b, d, a, e]);
    const after = await follow({ lastEventId: before.lastEventId() });
    const f = await happen(pool, 6);

    expect(before.events()).toEqual([c]);
    const missed = await after.until(5);
    expect(missed.toSorted()).toEqual([a, b, d, e, f].toSorted());
    expect(missed.filter((one) => one !== a && one !== b)).toEqual([d, e, f]);
    expect(missed.indexOf(b)).toBeLessThan(missed.indexOf(d));
  });

  test('from any event, also in the middle of what was written together and of more than a page', async () => {
    const { pool } = api.db;
    const watching = await follow();
    const client = await pool.connect();
    await client.query('begin');
    for (let count = 0; count < 5; count += 1) await happen(client, 1 + (count % 3));
    await client.query('commit');
    client.release();
    await pool.query(
      `insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
       select id, 50000 + n, 'ticket.changed', now(), 'system', 'a test', '{}'
       from tickets, generate_series(1, 450) n where number = 7`,
    );
    const all = await watching.until(455);
    const ids = watching.frames.flatMap((frame) => (frame.type === 'agent_status' ? [] : [frame.data.eventId]));

    for (const had of [1, 3, 5, 6, 205, 454]) {
      const again = await follow({ lastEventId: ids[had - 1] });
      expect(await again.until(455 - had)).toEqual(all.slice(had));
      again.close();
    }
    expect(new Set(all).size).toBe(455);
  });

  test('at another process, whose place is behind', async () => {
    const other = await startApi({ db: api.db });
    const here = await follow();
    const a = await happen(api.db.pool, 8);
    await here.until(1);
    const there = await followByStream(other, { key, lastEventId: here.lastEventId() });
    const b = await happen(api.db.pool, 9);

    expect([here.events()[0], await there.until(1)]).toEqual([a, [b]]);
    there.close();
    await other.close();
  });

  test('loses nothing when the connection that listens is cut, and tells who came meanwhile', async () => {
    const agent = await api.newKey('agent');
    const stream = await follow();
    const cut = await api.db.pool.query<{ cut: boolean }>(
      `select pg_terminate_backend(pid) as cut from pg_stat_activity
       where datname = current_database() and query like 'listen %'`,
    );
    const told = [];
    for (let number = 1; number <= 5; number += 1) told.push(await happen(api.db.pool, number));
    await api.db.pool.query(`update agents set availability = 'online', updated_at = now() where id = $1`, [
      agent.userId,
    ]);

    expect(cut.rows).toEqual([{ cut: true }]);
    expect(await stream.until(5)).toEqual(told);
    await vi.waitUntil(() =>
      stream.frames.some(({ type, data }) => type === 'agent_status' && data.id === agent.userId),
    );
    // It is there again, and tells faster than anybody looks for himself: looks are two seconds apart.
    await vi.waitUntil(async () => {
      const { rows } = await api.db.pool.query(
        `select from pg_stat_activity where datname = current_database() and query like 'listen %'`,
      );
      return rows.length === 1;
    });
    for (let count = 6; count <= 10; count += 1) {
      const name = await happen(api.db.pool, count);
      await vi.waitUntil(() => stream.events().at(-1) === name, { timeout: 1_000, interval: 5 });
    }
  });
});

describe('refusals', () => {
  test.for([
    ['made up', 'abc.def'],
    ['empty but for a dot', '.'],
  ])('an id that is %s', async ([, lastEventId]) => {
    const answer = await api.ask('GET', '/api/v1/events', { key, headers: { 'Last-Event-ID': lastEventId ?? '' } });
    expect([answer.status, answer.body.code]).toEqual([400, 'invalid_cursor']);
    expect(answer.body.detail).toContain('lastEventId');
  });

  test('an id that was changed', async () => {
    const stream = await follow();
    const [payload = '', signature = ''] = (stream.lastEventId() ?? '').split('.');
    const forged = `${Buffer.from('["1:1:"]').toString('base64url')}.${signature}`;
    for (const lastEventId of [forged, `${payload}.`, payload]) {
      const { status } = await api.ask('GET', `/api/v1/events?lastEventId=${lastEventId}`, { key });
      expect(status).toBe(400);
    }
  });

  test('nobody, somebody without the permission, and a field that is not known', async () => {
    const { key: customer } = await api.newKey('integration');
    const asked = [
      await api.ask('GET', '/api/v1/events'),
      await api.ask('GET', '/api/v1/events', { key: customer }),
      await api.ask('GET', '/api/v1/events?since=1', { key }),
      await api.ask('POST', '/api/v1/events', { key }),
    ];
    expect(asked.map(({ status, body }) => [status, body.code])).toEqual([
      [401, 'unauthenticated'],
      [403, 'forbidden'],
      [422, 'invalid_request'],
      [405, 'method_not_allowed'],
    ]);
  });

  test('a look at the head does not wait for the end of the stream', async () => {
    const { status, headers } = await api.ask('HEAD', '/api/v1/events', { key });
    expect([status, headers.get('content-type')]).toEqual([200, 'text/event-stream; charset=utf-8']);
  });
});
