import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { SYSTEM, writeAudit } from '../../db/audit.ts';
import { seal } from '../../db/audit-chain.ts';
import { verifyChain } from '../../db/audit-verify.ts';
import { entriesOf, type Entry } from './audit-entries.ts';
import { openTicket } from './setting-rows.ts';
import { type Answer, startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;
let leadId: string;
beforeAll(async () => {
  api = await startApi();
  ({ key, userId: leadId } = await api.newKey('lead'));
});
afterAll(() => api.close());

const entries = (query: Record<string, string>) => entriesOf(api, key, query);

describe('the audit log is read', () => {
  test('page by page without a gap, and by who, what, to which and when', async () => {
    const kind = `k${randomUUID()}`;
    for (let n = 0; n < 7; n += 1) {
      const actor = n % 2 === 0 ? { kind: 'agent' as const, id: leadId, requestId: null } : SYSTEM;
      await writeAudit(api.db.pool, actor, { action: `${kind}.${n % 3}`, target: kind, targetId: `${n}` });
    }
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const query: URLSearchParams = new URLSearchParams({ target: kind, limit: '3', ...(cursor && { cursor }) });
      const { body }: Answer = await api.ask('GET', `/api/v1/audit?${query.toString()}`, { key });
      seen.push(...body.items.map(({ target }: Entry) => target.id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(['6', '5', '4', '3', '2', '1', '0']);
    const ids = async (query: Record<string, string>) =>
      (await entries({ target: kind, ...query })).map(({ target }) => target.id);
    expect(await ids({ actor: leadId })).toEqual(['6', '4', '2', '0']);
    expect(await ids({ actor: 'system' })).toEqual(['5', '3', '1']);
    expect(await ids({ action: `${kind}.1` })).toEqual(['4', '1']);
    expect(await ids({ targetId: '5' })).toEqual(['5']);
    expect(await ids({ from: new Date(Date.now() - 60_000).toISOString() })).toHaveLength(7);
    expect(await ids({ to: new Date(Date.now() - 60_000).toISOString() })).toEqual([]);
  });

  test('with the place in the chain, once it is sealed', async () => {
    await seal(api.db.pool, 10_000);
    await api.ask('POST', '/api/v1/teams', { key, json: { id: 'sealed', name: 'Sealed' } });
    const [written] = await entries({ targetId: 'sealed' });
    const read = () => api.ask('GET', `/api/v1/audit/${written?.id}`, { key });
    expect((await read()).body).toMatchObject({ ...written, chain: null });
    await seal(api.db.pool, 10_000);
    const { body } = await read();
    const { holds, hash, wrong } = await verifyChain(api.db.pool);
    expect(wrong).toBeNull();
    expect(body.chain).toEqual({ position: holds, hash });
  });

  test('by leads and admins only, and an unknown entry is not found', async () => {
    for (const role of ['agent', 'bot', 'integration'] as const) {
      const other = await api.newKey(role);
      expect((await api.ask('GET', '/api/v1/audit', { key: other.key })).status).toBe(403);
      expect((await api.ask('GET', `/api/v1/audit/${randomUUID()}`, { key: other.key })).status).toBe(403);
    }
    for (const id of [randomUUID(), 'nonsense', '%00']) {
      expect((await api.ask('GET', `/api/v1/audit/${id}`, { key })).status).toBe(404);
    }
    expect((await api.ask('GET', '/api/v1/audit?actor=nobody', { key })).status).toBe(422);
    expect((await api.ask('GET', '/api/v1/audit?from=yesterday', { key })).status).toBe(422);
    expect((await api.ask('GET', '/api/v1/audit?action=%00', { key })).status).toBe(422);
  });

  test('of customers only as far as somebody sees them', async () => {
    const { pool } = api.db;
    const scoped = await api.newKey('lead');
    await pool.query(`update users set scope = $2 where id = $1`, [
      scoped.userId,
      JSON.stringify({ supportTypes: ['seen'], teams: null, organisations: null }),
    ]);
    const [seen, unseen] = [await openTicket(api.db, { supportType: 'seen' }), await openTicket(api.db)];
    const { rows } = await pool.query<{ id: string; seen: boolean }>(
      'select requester_id as id, id = $1 as seen from tickets where id in ($1, $2)',
      [seen, unseen],
    );
    expect(rows).toHaveLength(2);
    for (const row of rows) {
      const { body } = await api.ask('GET', `/api/v1/audit?target=customers&targetId=${row.id}`, { key: scoped.key });
      expect(body.items).toHaveLength(row.seen ? 1 : 0);
      const [entry] = await entries({ targetId: row.id });
      const one = await api.ask('GET', `/api/v1/audit/${entry?.id}`, { key: scoped.key });
      expect(one.status).toBe(row.seen ? 200 : 404);
    }
    expect((await api.ask('GET', '/api/v1/audit?target=teams', { key: scoped.key })).body.items.length).toBeGreaterThan(
      0,
    );
  });
});
