import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { actAs, noteRefusedSignIn, writeAudit } from '../../db/audit.ts';
import { entriesOf, type Entry } from './audit-entries.ts';
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

/** Asks, and answers what was written down about it. */
async function audited(method: string, path: string, json?: unknown): Promise<{ answer: Answer; written: Entry[] }> {
  const requestId = randomUUID();
  const headers = { 'X-Request-Id': requestId };
  const answer = await api.ask(method, path, json === undefined ? { key, headers } : { key, headers, json });
  if (answer.status >= 300) throw new Error(JSON.stringify(answer.body));
  const { rows } = await api.db.pool.query<{ id: string }>(
    'select id from audit_entries where request_id = $1 order by at, id',
    [answer.headers.get('x-request-id')],
  );
  const written = await Promise.all(rows.map(({ id }) => api.ask('GET', `/api/v1/audit/${id}`, { key })));
  return { answer, written: written.map(({ body }) => body) };
}

const nineToFive = { monday: [{ from: '09:00', to: '17:00' }] };
const SETTINGS: [kind: string, path: string, created: Record<string, unknown>, changed: Record<string, unknown>][] = [
  ['calendars', '/api/v1/calendars', { name: 'Lisbon', zone: 'Europe/Lisbon', weekly: nineToFive }, { name: 'Porto' }],
  ['slaPolicies', '/api/v1/sla/policies', { name: 'Gold', targets: {}, position: 2 }, { name: 'Silver' }],
  ['supportTypes', '/api/v1/support-types', { name: 'Warranty', category: 'refund' }, { name: 'Guarantee' }],
  ['teams', '/api/v1/teams', { name: 'Night' }, { name: 'Late night' }],
  [
    'rotas',
    '/api/v1/rotas',
    { name: 'Nights', zone: 'UTC', startsOn: '2026-11-02', handOverAt: '09:00', rotationDays: 7, agentIds: [] },
    { name: 'Days' },
  ],
];

describe('a change of settings', () => {
  test.each(SETTINGS)(
    'of %s leaves one entry that names who, when created, changed and deleted',
    async (kind, path, created, changed) => {
      const given = 'agentIds' in created ? { ...created, agentIds: [leadId] } : created;
      const made = await audited('POST', path, given);
      const id: string = made.answer.body.id;
      const actor = { kind: 'agent', id: leadId, name: 'Ada' };
      expect(made.written).toHaveLength(1);
      expect(made.written[0]).toMatchObject({ actor, action: `${kind}.create`, target: { kind, id } });

      const altered = await audited('PATCH', `${path}/${id}`, changed);
      expect(altered.written).toHaveLength(1);
      expect(altered.written[0]).toMatchObject({ actor, action: `${kind}.update`, target: { kind, id } });
      expect(JSON.stringify(altered.written[0]?.changes)).toContain(String(changed['name']));
      expect(JSON.stringify(altered.written[0]?.changes)).toContain(String(created['name']));

      const gone = await audited('DELETE', `${path}/${id}`);
      expect(gone.written).toHaveLength(1);
      expect(gone.written[0]).toMatchObject({ actor, action: `${kind}.delete`, target: { kind, id } });
      expect(JSON.stringify(gone.written[0]?.changes)).toContain(String(changed['name']));
    },
  );

  test('that changes nothing, or is refused, leaves nothing', async () => {
    const path = '/api/v1/calendars';
    await audited('POST', path, { id: 'oslo', name: 'Oslo', zone: 'Europe/Oslo', weekly: nineToFive });
    expect((await audited('PATCH', `${path}/oslo`, { name: 'Oslo' })).written).toEqual([]);
    const before = await entries({ targetId: 'oslo' });
    const headers = { 'If-Match': '"1"' };
    expect((await api.ask('PATCH', `${path}/oslo`, { key, headers, json: { name: 'Bergen' } })).status).toBe(412);
    expect(await entries({ targetId: 'oslo' })).toEqual(before);
  });

  test('that moves other policies is written down of those as well', async () => {
    await audited('POST', '/api/v1/sla/policies', { id: 'first', name: 'First', targets: {}, position: 1 });
    const { written } = await audited('PATCH', '/api/v1/sla/policies/first', { position: 2 });
    expect(new Set(written.map(({ target }) => target.id))).toEqual(new Set(['first', 'standard']));
    await audited('DELETE', '/api/v1/sla/policies/first');
  });
});

describe('people and keys', () => {
  test('an agent who is added and changed: what changed with before and after, of a key neither hash nor letters', async () => {
    const { answer, written } = await audited('POST', '/api/v1/agents', {
      email: 'kim@holdfast.test',
      name: 'Kim',
      role: 'bot',
      capacity: 7,
      teams: ['billing', 'security'],
    });
    const { id } = answer.body;
    const named = written.map(({ action }) => action);
    expect(named.toSorted()).toEqual([
      'agents.update',
      'apiKeys.create',
      'teamMembers.create',
      'teamMembers.create',
      'users.create',
    ]);
    expect(written.every(({ actor }) => actor.id === leadId)).toBe(true);
    const ofKey = written.find(({ action }) => action === 'apiKeys.create');
    expect(ofKey?.changes).toContainEqual({ field: 'hash', before: null, after: null, hidden: true });
    const { rows } = await api.db.pool.query<{ hash: string }>('select hash from api_keys where user_id = $1', [id]);
    expect(JSON.stringify(written)).not.toContain(rows[0]?.hash);
    expect(JSON.stringify(written)).not.toContain(answer.body.apiKey.slice(-4));

    const changed = await audited('PATCH', `/api/v1/agents/${id}`, { capacity: 8, teams: ['billing'] });
    expect(changed.written).toHaveLength(2);
    expect(changed.written).toMatchObject([
      {
        action: 'agents.update',
        target: { kind: 'agents', id },
        changes: [{ field: 'capacity', before: 7, after: 8, hidden: false }],
      },
      { action: 'teamMembers.delete', target: { kind: 'teamMembers', id: `security/${id}` } },
    ]);
  });

  test('what changes all the time is no change: load, availability, when somebody was last seen, when a key was last used', async () => {
    const { userId, keyId } = await api.newKey('agent');
    const before = await entries({});
    await api.db.pool.query(
      `update agents set load = load + 1, availability = 'online', last_seen_at = now(), last_assigned_at = now(),
                         updated_at = now() where id = $1`,
      [userId],
    );
    await api.db.pool.query('update api_keys set last_used_at = now() where id = $1', [keyId]);
    expect(await entries({})).toEqual(before);
  });

  test('a password is told of by its name only, and nobody said who: the desk itself', async () => {
    const { userId } = await api.newKey('agent');
    await api.db.pool.query(`update users set password_hash = 'canary-hash', name = 'Bea' where id = $1`, [userId]);
    const [entry] = await entries({ target: 'users', targetId: userId });
    expect(entry).toMatchObject({ action: 'users.update', actor: { kind: 'system', id: null, name: 'Holdfast' } });
    expect(entry?.changes).toEqual([
      { field: 'name', before: 'Ada', after: 'Bea', hidden: false },
      { field: 'passwordHash', before: null, after: null, hidden: true },
    ]);
  });

  test('of a customer only the names of what changed are kept, also where he signs in', async () => {
    const canary = `canary${randomUUID().replaceAll('-', '')}`;
    const { pool } = api.db;
    const [customerId, userId] = [randomUUID(), randomUUID()];
    await pool.query(`insert into customers (id, email, name, tier, created_at) values ($1, $2, $3, 'vip', now())`, [
      customerId,
      `${canary}@example.com`,
      canary,
    ]);
    await pool.query(`update customers set name = $2 where id = $1`, [customerId, `${canary} again`]);
    await pool.query(
      `insert into users (id, email, name, role, customer_id, password_hash, created_at)
       values ($1, $2, $3, 'customer', $4, $3, now())`,
      [userId, `${canary}@example.com`, canary, customerId],
    );
    await pool.query(`update users set email = $2, name = 'x' where id = $1`, [userId, `${canary}@example.net`]);
    const { rows } = await pool.query(`select * from audit_entries where audit_entries::text like '%' || $1 || '%'`, [
      canary,
    ]);
    expect(rows).toEqual([]);
    const [changed, created] = await entries({ target: 'customers', targetId: customerId });
    expect(changed?.changes).toEqual([{ field: 'name', before: null, after: null, hidden: true }]);
    expect(created?.changes.map(({ field }) => field).toSorted()).toEqual(['email', 'id', 'name', 'tier']);
  });

  test('whoever acts is known for one transaction and not for the next on the same connection', async () => {
    const client = await api.db.pool.connect();
    try {
      const actor = { kind: 'agent', id: leadId, requestId: 'one' } as const;
      await client.query('begin');
      await actAs(client, actor);
      await client.query(`insert into teams (id, name) values ('one', 'One')`);
      await client.query('commit');
      await client.query(`insert into teams (id, name) values ('two', 'Two')`);
    } finally {
      client.release();
    }
    expect((await entries({ targetId: 'one' }))[0]?.actor.id).toBe(leadId);
    expect((await entries({ targetId: 'two' }))[0]?.actor.kind).toBe('system');
  });

  test('a change that is rolled back was none', async () => {
    const before = await entries({});
    const client = await api.db.pool.connect();
    await client.query('begin');
    await client.query(`insert into teams (id, name) values ('never', 'Never')`);
    await client.query('rollback');
    client.release();
    expect(await entries({})).toEqual(before);
  });
});

describe('what changes no row', () => {
  test('is written down with its facts', async () => {
    const targetId = randomUUID();
    const actor = { kind: 'agent', id: leadId, requestId: 'request-7' } as const;
    await writeAudit(api.db.pool, actor, { action: 'x.export', target: 'x', targetId, details: { rows: 3 } });
    expect(await entries({ action: 'x.export' })).toMatchObject([
      { actor: { id: leadId }, requestId: 'request-7', target: { kind: 'x', id: targetId }, details: { rows: 3 } },
    ]);
  });

  test('refused sign-ins are counted by reason, and the same is written down once a minute', async () => {
    const { userId } = await api.newKey('agent');
    const refuse = (reason: string, id: string | null) =>
      noteRefusedSignIn(api.db.pool, reason, { userId: id, requestId: 'r' });
    for (const id of [userId, userId, userId, null, null]) await refuse('password', id);
    await refuse('disabled', userId);
    const { rows } = await api.db.pool.query('select reason, count::integer from sign_in_refusals order by reason');
    expect(rows).toEqual([
      { reason: 'disabled', count: 1 },
      { reason: 'password', count: 5 },
    ]);
    const written = await entries({ action: 'signIn.refused' });
    expect(written.map(({ target, details }) => [target.id, details['reason']])).toEqual([
      [userId, 'disabled'],
      [null, 'password'],
      [userId, 'password'],
    ]);
  });
});
