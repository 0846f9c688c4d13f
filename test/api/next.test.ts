import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../domain/clock.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { addTicket } from './said.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let me: { key: string; userId: string };

beforeAll(async () => {
  api = await startApi();
  me = await api.newKey('lead');
});
afterAll(() => api.close());

async function listed(query: string): Promise<string[]> {
  const { status, body } = await api.ask('GET', `/api/v1/tickets?sort=next${query}`, { key: me.key });
  expect([query, status, body.detail]).toEqual([query, 200, undefined]);
  return body.items.map(({ id }: { id: string }) => id);
}

/** A clock that began so many hours ago. */
function clock(hours: number, over: Partial<Clock> = {}): Clock {
  const startedAt = Date.now() - hours * 3_600_000;
  const counted = { target: 1000, counted: 0, since: null, dueAt: null, warnAt: [], warnedAt: null, breachedAt: null };
  return { startedAt, ...counted, fulfilledAt: null, ...over };
}

describe('what needs somebody next', () => {
  test('is what is late, then what is at risk, then the rest, VIPs first in each, then who has waited longest', async () => {
    const vip = { customerTier: 'vip' };
    const waits = (firstResponse: Clock | null, nextResponse: Clock | null): Partial<Ticket> => ({
      clocks: { firstResponse, nextResponse, resolution: null },
    });
    const expected = [
      await addTicket(api.db, { late: true, atRisk: true, state: { ...vip, status: 'escalated' } }),
      await addTicket(api.db, { late: true, age: 9 }),
      await addTicket(api.db, { late: true, age: 8 }),
      await addTicket(api.db, { atRisk: true, state: { customerTier: 'enterprise' } }),
      await addTicket(api.db, { atRisk: true, age: 2 }),
      await addTicket(api.db, { state: vip, age: 1 }),
      await addTicket(api.db, { state: { ...vip, status: 'triaging' } }),
      await addTicket(api.db, { age: 7, state: { customerTier: 'gold' } }),
      // Answered, and asked again three days ago.
      await addTicket(api.db, { age: 30, state: waits(clock(700, { fulfilledAt: 1 }), clock(72)) }),
      await addTicket(api.db, { age: 2, state: waits(clock(47), null) }),
      await addTicket(api.db, { state: { status: 'new' } }),
    ].map(({ id }) => id);
    const idle: Partial<Ticket>[] = [
      { status: 'pending' },
      { status: 'on_hold' },
      { status: 'resolved' },
      { status: 'closed' },
      { snoozed: { until: null } },
      { merged: { into: expected[0] ?? '', intoNumber: 1, statusBefore: 'open', until: null } },
    ];
    for (const state of idle) await addTicket(api.db, { late: true, atRisk: true, state: { ...vip, ...state } });
    expect(await listed('')).toEqual(expected);

    const seen: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const path: string = `/api/v1/tickets?sort=next&limit=2${cursor && `&cursor=${cursor}`}`;
      const { body } = await api.ask('GET', path, { key: me.key });
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    expect(seen).toEqual(expected);
  });

  test('follows the ticket, and is narrowed to mine, to nobody’s and to a team’s', async () => {
    const { pool } = api.db;
    const [mine, nobodys, others] = [
      await addTicket(api.db, { teamId: 'success', age: 100, state: { assigneeId: me.userId } }),
      await addTicket(api.db, { teamId: 'success', age: 99 }),
      await addTicket(api.db, {
        teamId: 'success',
        age: 98,
        state: { assigneeId: (await api.newKey('agent')).userId },
      }),
    ];
    expect(await listed('&assignee=me')).toEqual([mine.id]);
    expect((await listed('&assignee=none')).includes(nobodys.id)).toBe(true);
    expect((await listed('&assignee=none')).includes(mine.id)).toBe(false);
    expect(await listed('&team=success')).toEqual([mine.id, nobodys.id, others.id]);
    await pool.query('update tickets set at_risk = true where id = $1', [others.id]);
    expect(await listed('&team=success')).toEqual([others.id, mine.id, nobodys.id]);
    await pool.query(`update tickets set status = 'pending' where id = $1`, [others.id]);
    expect(await listed('&team=success&assignee=none')).toEqual([nobodys.id]);
  });

  test('is shown to whoever has a scope as far as it reaches', async () => {
    const agent = await api.newKey('agent');
    const scope = { supportTypes: null, teams: ['technical'], organisations: null };
    await api.db.pool.query('update users set scope = $2 where id = $1', [agent.userId, JSON.stringify(scope)]);
    const fits = await addTicket(api.db, { teamId: 'technical' });
    const own = await addTicket(api.db, { late: true, state: { assigneeId: agent.userId } });
    const { body } = await api.ask('GET', '/api/v1/tickets?sort=next', { key: agent.key });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([own.id, fits.id]);
  });

  test('is not for customers: the order tells of what only the desk sees', async () => {
    const { key, userId } = await api.newKey('integration');
    await api.db.pool.query(
      `with c as (insert into customers (id, email, created_at) values ($1, 'next@example.com', now()) returning id)
       update users set role = 'customer', customer_id = c.id from c where users.id = $1`,
      [userId],
    );
    const { status, body } = await api.ask('GET', '/api/v1/tickets?sort=next', { key });
    expect([status, body.errors]).toEqual([403, [{ path: 'sort', message: expect.any(String) }]]);
  });
});
