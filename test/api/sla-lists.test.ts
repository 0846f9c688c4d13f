import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import type { Clock } from '../../domain/clock.ts';
import { openTicket, runningClock } from './setting-rows.ts';
import { scopedKey } from './scoped-keys.ts';
import { type Answer, startApi, type TestApi } from './support.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
/** 22:30 in Berlin, where the day begins an hour before that of UTC. */
const NOW = Date.UTC(2026, 0, 15, 21, 30);
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi({ now: () => NOW });
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());

const get = (path: string, as = key) => api.ask('GET', `/api/v1/sla/${path}`, { key: as });
const late = (minutes: number, over: Partial<Clock> = {}) => {
  const dueAt = NOW - minutes * MINUTE;
  return runningClock(dueAt, { breachedAt: dueAt, ...over });
};
const warned = (minutes: number, over: Partial<Clock> = {}) =>
  runningClock(NOW + minutes * MINUTE, { warnedAt: NOW - MINUTE, ...over });
const clocks = (over: Partial<Record<'firstResponse' | 'nextResponse' | 'resolution', Clock>>) => ({
  clocks: { firstResponse: null, nextResponse: null, resolution: null, ...over },
});
const ids = ({ body }: Answer) => body.items.map((one: { ticket: { id: string } }) => one.ticket.id);

describe('the lists of clocks', () => {
  let [older, newer, soon, later, refund] = ['', '', '', '', ''];
  beforeAll(async () => {
    const { userId } = await api.newKey('agent');
    newer = await openTicket(api.db, clocks({ firstResponse: late(5), resolution: runningClock(NOW + HOUR) }));
    older = await openTicket(api.db, {
      ...clocks({ firstResponse: late(500, { fulfilledAt: NOW }), nextResponse: late(90), resolution: late(20) }),
      assigneeId: userId,
      priority: 'urgent',
    });
    refund = await openTicket(api.db, { ...clocks({ resolution: late(1) }), supportType: 'refund' });
    later = await openTicket(api.db, clocks({ firstResponse: warned(50), resolution: runningClock(NOW + MINUTE) }));
    soon = await openTicket(api.db, {
      ...clocks({ nextResponse: warned(10), firstResponse: warned(2, { fulfilledAt: NOW }) }),
      teamId: 'billing',
    });
    // Neither late nor near anything: answered late, paused, or done with.
    await openTicket(api.db, clocks({ firstResponse: late(30, { fulfilledAt: NOW }) }));
    await openTicket(api.db, clocks({ resolution: warned(5, { since: null, dueAt: null }) }));
    await openTicket(api.db, { ...clocks({ resolution: late(30) }), status: 'resolved' });
  });

  test('show what is late, the longest first, each with the target that it is late with for longest', async () => {
    const answer = await get('breaches');
    expect(ids(answer)).toEqual([older, newer, refund]);
    expect(answer.body.items[0]).toMatchObject({
      ticket: {
        id: older,
        priority: 'urgent',
        status: 'open',
        assignee: { name: 'Ada' },
        requester: { name: 'Grace' },
      },
      target: 'nextResponse',
      dueAt: new Date(NOW - 90 * MINUTE).toISOString(),
      lateBySeconds: 90 * 60,
    });
    expect(answer.body.items[1]).toMatchObject({
      target: 'firstResponse',
      lateBySeconds: 300,
      ticket: { assignee: null },
    });
  });

  test('show what was warned of, the earliest deadline first', async () => {
    const answer = await get('at-risk');
    expect(ids(answer)).toEqual([soon, later]);
    expect(answer.body.items[0]).toMatchObject({
      target: 'nextResponse',
      dueInSeconds: 600,
      ticket: { team: 'billing' },
    });
    expect(answer.body.items[1]).toMatchObject({ target: 'firstResponse', dueInSeconds: 3000 });
  });

  test('go on where the page before ended, and take no cursor of the other list', async () => {
    const first = await get('breaches?limit=2&fields=ticket');
    expect(Object.keys(first.body.items[0])).toEqual(['ticket']);
    const second = await get(`breaches?limit=2&cursor=${first.body.nextCursor}`);
    expect([...ids(first), ...ids(second)]).toEqual([older, newer, refund]);
    expect(second.body.nextCursor).toBeNull();
    const foreign = await get(`at-risk?cursor=${first.body.nextCursor}`);
    expect([foreign.status, foreign.body.code]).toEqual([400, 'invalid_cursor']);
  });

  test('and the figures count only what the caller sees', async () => {
    const { key: byType } = await scopedKey(api, 'lead', { supportTypes: ['refund'] });
    expect(ids(await get('breaches', byType))).toEqual([refund]);
    expect(ids(await get('at-risk', byType))).toEqual([]);
    expect((await get('dashboard', byType)).body).toMatchObject({ open: 1, breachedNow: 1, atRiskNextHour: 0 });
    expect((await get('dashboard')).body).toMatchObject({ open: 7, breachedNow: 3, atRiskNextHour: 2 });
    const { key: agent } = await api.newKey('agent');
    expect((await get('dashboard', agent)).status).toBe(403);
  });

  test('name what a ticket is late with in the same answer on both paths', async () => {
    const [ofTicket, ofSla] = [
      await api.ask('GET', `/api/v1/tickets/${older}/sla`, { key }),
      await get(`tickets/${older}`),
    ];
    expect(ofSla.status).toBe(200);
    expect(ofSla.body).toEqual(ofTicket.body);
    const { key: byType } = await scopedKey(api, 'lead', { supportTypes: ['refund'] });
    expect((await get(`tickets/${older}`, byType)).status).toBe(404);
  });
});

test('the figures say who has waited for longest, how much was met today, and who is there', async () => {
  const own = await startApi({ now: () => NOW });
  const { key: lead } = await own.newKey('lead');
  const figures = async (query = '') => (await own.ask('GET', `/api/v1/sla/dashboard${query}`, { key: lead })).body;
  const nothing = { met: 0, missed: 0, percentMet: null };
  expect(await figures()).toEqual({
    open: 0,
    unassigned: 0,
    longestWaitSeconds: null,
    atRiskNextHour: 0,
    breachedNow: 0,
    today: { firstResponse: nothing, nextResponse: nothing, resolution: nothing },
    agents: { online: 0, away: 0, capacity: 0, load: 0 },
  });
  const { userId } = await own.newKey('agent');
  await own.db.pool.query(`update agents set availability = 'online', capacity = 7, load = 3 where id = $1`, [userId]);
  const waiting = (minutes: number, over: Partial<Clock> = {}) =>
    runningClock(NOW + HOUR, { startedAt: NOW - minutes * MINUTE, ...over });
  const ticketId = await openTicket(own.db, clocks({ nextResponse: waiting(30), resolution: waiting(900) }));
  await openTicket(own.db, { ...clocks({ firstResponse: waiting(40, { fulfilledAt: NOW }) }), assigneeId: userId });
  const result = (sequence: number, at: number, type: string, target: string, isLate = false) =>
    own.db.pool.query(
      `insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
       values ($1, $2, $3, to_timestamp($4::float8 / 1000), 'system', 'test', $5)`,
      [ticketId, sequence, type, at, JSON.stringify({ target, dueAt: at, late: isLate })],
    );
  await result(1, NOW - HOUR, 'sla.fulfilled', 'firstResponse');
  await result(2, NOW - 2 * HOUR, 'sla.fulfilled', 'firstResponse');
  await result(3, NOW - 3 * HOUR, 'sla.breached', 'firstResponse');
  await result(4, NOW - HOUR, 'sla.fulfilled', 'firstResponse', true);
  await result(5, NOW - HOUR, 'sla.breached', 'resolution');
  // Half past eleven of the evening before in UTC, and half past midnight of this day in Berlin.
  await result(6, NOW - 22 * HOUR, 'sla.breached', 'resolution');
  expect(await figures()).toMatchObject({
    open: 2,
    unassigned: 1,
    longestWaitSeconds: 1800,
    today: {
      firstResponse: { met: 2, missed: 1, percentMet: 66.7 },
      nextResponse: nothing,
      resolution: { met: 0, missed: 1, percentMet: 0 },
    },
    agents: { online: 1, away: 0, capacity: 7, load: 3 },
  });
  expect((await figures('?zone=Europe/Berlin')).today.resolution.missed).toBe(2);
  const unknown = await own.ask('GET', '/api/v1/sla/dashboard?zone=Mars/Base', { key: lead });
  expect([unknown.status, unknown.body.errors[0].path]).toEqual([422, 'zone']);
  await own.close();
});
