import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { openTicket, runningClock } from './setting-rows.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/agents';
const SATURDAY = Date.parse('2026-11-21T12:00:00Z');
let api: TestApi;
let lead: string;
beforeAll(async () => {
  api = await startApi({ now: () => SATURDAY });
  ({ key: lead } = await api.newKey('lead'));
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.pool.query('delete from tickets');
  await api.db.pool.query(`update agents set availability = 'offline'`);
});

const post = (path: string, key: string, json?: unknown) =>
  api.ask('POST', `${PATH}/${path}`, json === undefined ? { key } : { key, json });

describe('being at work', () => {
  test('an agent logs in and out for itself, with or without a body, and is seen', async () => {
    const { key, userId } = await api.newKey('agent');
    const online = await post(`${userId}/login`, key);
    expect([online.status, online.body.availability]).toEqual([200, 'online']);
    expect(online.body.lastSeenAt).not.toBeNull();
    expect((await post(`${userId}/login`, key, { state: 'away' })).body.availability).toBe('away');
    expect((await post(`${userId}/logout`, key, {})).body.availability).toBe('offline');
    expect((await post(`${userId}/logout`, key, { state: 'away' })).body.availability).toBe('away');
    expect((await post(`${userId}/login`, key, { state: 'asleep' })).body.errors[0].path).toBe('state');
  });

  test('a lead does it for everybody, an agent for nobody else, an integration not at all', async () => {
    const { userId } = await api.newKey('agent');
    const other = await api.newKey('agent');
    const integration = await api.newKey('integration');
    expect((await post(`${userId}/login`, lead)).body.availability).toBe('online');
    const refused = await post(`${userId}/logout`, other.key);
    expect([refused.status, refused.body.code]).toEqual([403, 'forbidden']);
    expect(refused.body.detail).toContain('for itself only');
    expect((await post(`${userId}/logout`, integration.key)).status).toBe(403);
    expect((await api.ask('GET', `${PATH}/${userId}`, { key: lead })).body.availability).toBe('online');
  });

  test('is told to whoever hands out tickets', async () => {
    const { key, userId } = await api.newKey('agent');
    const listener = await api.db.pool.connect();
    const channels: string[] = [];
    listener.on('notification', ({ channel }) => void channels.push(channel));
    await listener.query('listen dispatch');
    await post(`${userId}/login`, key);
    await listener.query('select 1');
    expect(channels).toEqual(['dispatch']);
    listener.release(true);
  });

  test('available are those who are online, within working hours and not full', async () => {
    const [free, full, resting, away] = await Promise.all([0, 1, 2, 3].map(() => api.newKey('agent')));
    for (const one of [free, full, resting]) await post(`${one?.userId}/login`, lead);
    await post(`${away?.userId}/login`, lead, { state: 'away' });
    await api.db.pool.query('update agents set load = capacity where id = $1', [full?.userId]);
    await api.db.pool.query(`update agents set calendar_id = 'weekdays' where id = $1`, [resting?.userId]);
    const { body } = await api.ask('GET', `${PATH}/available`, { key: lead });
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([free?.userId]);
    expect((await api.ask('GET', `${PATH}/available?team=billing`, { key: lead })).body.items).toEqual([]);
  });
});

describe('a queue', () => {
  test('has the agent’s undone tickets, the earliest deadline first, page by page', async () => {
    const { key, userId } = await api.newKey('agent');
    const clocks = (minutes: number) => ({
      firstResponse: runningClock(SATURDAY + minutes * 60_000),
      nextResponse: null,
      resolution: null,
    });
    const mine = { assigneeId: userId };
    const without = await openTicket(api.db, mine);
    const late = await openTicket(api.db, { ...mine, clocks: clocks(-5) });
    const next = await openTicket(api.db, { ...mine, status: 'pending', clocks: clocks(30) });
    await openTicket(api.db, { ...mine, status: 'resolved', clocks: clocks(1) });
    await openTicket(api.db, { clocks: clocks(2) });
    const ids: string[] = [];
    for (let cursor: string | null = ''; cursor !== null;) {
      const more: string = cursor === '' ? '' : `&cursor=${cursor}`;
      const { body } = await api.ask('GET', `${PATH}/${userId}/queue?limit=1${more}`, { key });
      ids.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    expect(ids).toEqual([late, next, without]);
    const { body } = await api.ask('GET', `${PATH}/${userId}/queue`, { key });
    expect(body.items[0]).toEqual((await api.ask('GET', `/api/v1/tickets/${late}`, { key })).body);
  });
});

describe('the workload', () => {
  test('counts what everybody has to do, and leaves out what is done', async () => {
    const { userId } = await api.newKey('agent');
    const json = { capacity: 4, teams: ['security'] };
    await api.ask('PATCH', `${PATH}/${userId}`, { key: lead, json });
    await api.db.pool.query('update agents set load = 3 where id = $1', [userId]);
    const mine = { assigneeId: userId, teamId: 'security' };
    const resolution = (over: object) => ({
      clocks: { firstResponse: null, nextResponse: null, resolution: runningClock(SATURDAY, over) },
    });
    await openTicket(api.db, { ...mine, ...resolution({ warnedAt: 1 }) });
    await openTicket(api.db, { ...mine, status: 'escalated', ...resolution({ breachedAt: 1 }) });
    await openTicket(api.db, { ...mine, status: 'on_hold', ...resolution({ warnedAt: 1, since: null, dueAt: null }) });
    await openTicket(api.db, { ...mine, status: 'resolved', ...resolution({ breachedAt: 1 }) });
    await openTicket(api.db, {
      ...mine,
      status: 'open',
      ...resolution({ breachedAt: 1, fulfilledAt: 2 }),
      teamId: null,
    });
    await openTicket(api.db, { teamId: 'security', supportType: 'refund', preferredAgentId: userId });
    const { body } = await api.ask('GET', '/api/v1/workload', { key: lead });
    expect(body.agents.find(({ id }: { id: string }) => id === userId)).toEqual({
      id: userId,
      name: 'Ada',
      availability: 'offline',
      capacity: 4,
      load: 3,
      open: 3,
      pending: 1,
      atRisk: 1,
      breached: 1,
      waiting: 1,
    });
    expect(body.teams.find(({ id }: { id: string }) => id === 'security')).toEqual({
      id: 'security',
      name: 'Security and privacy',
      capacity: 4,
      load: 3,
      open: 2,
      pending: 1,
      atRisk: 1,
      breached: 1,
      waiting: 1,
    });
    expect(body.teams).toHaveLength(5);
    expect(body.teams[0]).toMatchObject({ id: 'billing', open: 0, waiting: 0, capacity: 0 });
  });

  test('is for leads', async () => {
    const { key } = await api.newKey('agent');
    expect((await api.ask('GET', '/api/v1/workload', { key })).status).toBe(403);
  });
});
