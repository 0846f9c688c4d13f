import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './support.ts';

const HOUR = 3_600_000;
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());
beforeEach(() => api.db.pool.query('delete from inbox'));

const replay = (json?: unknown, as = key) =>
  api.ask('POST', '/api/v1/inbox/replay', { key: as, ...(json !== undefined && { json }) });
const replayOne = (id: string, as = key) => api.ask('POST', `/api/v1/inbox/${id}/replay`, { key: as });

interface Given {
  source?: string;
  state?: string;
  body?: string;
  /** Hours ago. */
  age?: number;
}

let next = 0;
async function addRow({ source = 'api', state = 'failed', body = '{}', age = 0 }: Given = {}): Promise<string> {
  next += 1;
  const { rows } = await api.db.pool.query<{ id: string }>(
    `insert into inbox (source, external_id, kind, conversation_key, state, reason, body, request_id, attempts, received_at)
     values ($1, $2, 'test', $2, $3, 'Because.', $4, 'test', 5, to_timestamp($5::float8 / 1000)) returning id::text`,
    [source, `test-${next}`, state, body, Date.now() - age * HOUR],
  );
  return rows[0]?.id ?? '';
}

async function rowOf(id: string) {
  const { rows } = await api.db.pool.query(
    'select state, reason, attempts, due_at <= now() as due from inbox where id = $1',
    [id],
  );
  return rows[0];
}
const inLine = (state = 'received') => ({ state, reason: null, attempts: 0, due: true });

function frontEvent(text: string | undefined): string {
  const recipients = [{ handle: 'grace@example.com', role: 'from' }];
  const data = { id: 'msg_1', ...(text !== undefined && { text }), recipients };
  return JSON.stringify({ id: 'evt_1', type: 'inbound', conversation: { id: 'cnv_1' }, target: { data } });
}

describe('one row', () => {
  test('that failed is in line again as if it had just come', async () => {
    const id = await addRow();
    const answer = await replayOne(id);
    expect([answer.status, answer.body]).toEqual([200, { replayed: 1, refused: [], nextCursor: null }]);
    expect(await rowOf(id)).toEqual(inLine());
  });

  test('of Front’s that is still without its text is completed first', async () => {
    const preview = await addRow({ source: 'front', body: frontEvent(undefined) });
    const whole = await addRow({ source: 'front', body: frontEvent('Hello'), state: 'applied' });
    await replayOne(preview);
    await replayOne(whole);
    expect(await rowOf(preview)).toEqual(inLine('incomplete'));
    expect(await rowOf(whole)).toEqual(inLine());
  });

  test.each([
    [{ state: 'received' }, /waits/],
    [{ state: 'incomplete', source: 'front' }, /waits/],
    [{ state: 'ignored', source: 'front', body: frontEvent('Ours') }, /means nothing/],
    [{ state: 'applied', source: 'slack' }, /a moment that is over/],
    [{ state: 'applied', source: 'pagerduty' }, /a moment that is over/],
    [{ body: '' }, /erased/],
    [{ source: 'front', body: '{}' }, /no message/],
    [{ source: 'front', body: 'no JSON' }, /no message/],
  ])('like %j stays as it is, and the answer says why', async (given, reason) => {
    const id = await addRow(given);
    const before = await rowOf(id);
    const { status, body } = await replayOne(id);
    expect([status, body.replayed, body.refused]).toEqual([
      200,
      0,
      [{ reason: expect.stringMatching(reason), count: 1 }],
    ]);
    expect(await rowOf(id)).toEqual(before);
  });

  test('that nobody knows is not found', async () => {
    for (const id of ['0', '999999', 'nonsense', '-1', '99999999999999999999']) {
      expect((await replayOne(id)).status).toBe(404);
    }
  });
});

describe('a range', () => {
  test('is what failed, unless the caller says otherwise', async () => {
    const failed = [await addRow(), await addRow({ source: 'slack' })];
    const applied = await addRow({ state: 'applied' });
    expect((await replay()).body).toEqual({ replayed: 2, refused: [], nextCursor: null });
    for (const id of failed) expect(await rowOf(id)).toEqual(inLine());
    expect(await rowOf(applied)).toMatchObject({ state: 'applied' });
    expect((await replay({ status: 'applied' })).body.replayed).toBe(1);
    expect(await rowOf(applied)).toEqual(inLine());
  });

  test('is cut by source and by when the rows came', async () => {
    const ages = [40, 30, 20, 10, 1];
    const ids: string[] = [];
    for (const age of ages) ids.push(await addRow({ age }), await addRow({ age, source: 'slack' }));
    const at = (age: number) => new Date(Date.now() - age * HOUR).toISOString();
    const answer = await replay({ source: 'api', from: at(30.5), to: at(9.5) });
    expect(answer.body).toEqual({ replayed: 3, refused: [], nextCursor: null });
    const states = await Promise.all(ids.map(async (id) => (await rowOf(id)).state));
    const received = ids.filter((_, index) => states[index] === 'received');
    expect(received).toEqual([ids[2], ids[4], ids[6]]);
  });

  test('counts what is refused by its reason', async () => {
    for (const state of ['ignored', 'ignored']) await addRow({ state });
    const { body } = await replay({ status: 'ignored' });
    expect(body).toMatchObject({ replayed: 0, refused: [{ count: 2 }] });
  });

  test('of more rows than one call looks at goes on with its cursor, and takes no other’s', async () => {
    await api.db.pool.query(
      `insert into inbox (source, external_id, kind, conversation_key, state, body, request_id)
       select 'api', 'many-' || n, 'test', 'many-' || n, 'failed', '{}', 'test' from generate_series(1, 1030) n`,
    );
    const first = await replay();
    expect(first.body).toMatchObject({ replayed: 1000, nextCursor: expect.any(String) });
    const cursor = first.body.nextCursor;
    const foreign = await replay({ cursor, status: 'applied' });
    expect([foreign.status, foreign.body.code]).toEqual([400, 'invalid_cursor']);
    expect((await replay({ cursor })).body).toEqual({ replayed: 30, refused: [], nextCursor: null });
    expect((await replay()).body.replayed).toBe(0);
  });

  test.each([
    [{ status: 'lost' }, 'status'],
    [{ source: 'carrier pigeon' }, 'source'],
    [{ from: 'yesterday' }, 'from'],
    [{ from: '2026-01-02T00:00:00Z', to: '2026-01-01T00:00:00Z' }, 'to'],
    [{ ids: ['1'] }, 'ids'],
  ])('of %j is refused and named', async (json, path) => {
    const id = await addRow();
    const answer = await replay(json);
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, path]);
    expect(await rowOf(id)).toMatchObject({ state: 'failed' });
  });
});

test('only who may replay does, and the audit log says who did', async () => {
  const id = await addRow();
  for (const role of ['agent', 'bot', 'integration'] as const) {
    const { key: other } = await api.newKey(role);
    expect((await replayOne(id, other)).status).toBe(403);
    expect((await replay(undefined, other)).status).toBe(403);
  }
  expect(await rowOf(id)).toMatchObject({ state: 'failed' });
  const { key: lead, userId } = await api.newKey('lead');
  await replayOne(id, lead);
  const { rows } = await api.db.pool.query(
    `select target_id, details from audit_entries where action = 'inbox.replay' and actor_id = $1`,
    [userId],
  );
  expect(rows).toEqual([{ target_id: id, details: { replayed: 1 } }]);
});
