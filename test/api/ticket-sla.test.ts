import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTicketDesk, type TicketDesk } from './ticket-desk.ts';

const HOUR = 3_600_000;
const DAY = 24 * HOUR;
let on: TicketDesk;
let holiday: string;

beforeAll(async () => {
  on = await startTicketDesk();
  holiday = new Date(Date.now() - 3 * DAY).toISOString().slice(0, 10);
  const each = (ms: number) => ({ low: ms, normal: ms, high: ms, urgent: ms });
  const day = [{ from: 9 * 60, to: 17 * 60 }];
  const { pool } = on.desk.db;
  await pool.query(
    `insert into calendars (id, name, zone, weekly, holidays) values ('daily', 'Every day', 'UTC', $1, $2)`,
    [JSON.stringify([day, day, day, day, day, day, day]), JSON.stringify([holiday])],
  );
  await pool.query(
    `insert into sla_policies (id, position, name, filter, calendar_id, targets, ladder)
     values ('late', -1, 'Late at once', '{"tag": ["late"]}', null, $1, $2),
            ('daily', 0, 'In working hours', '{"tag": ["daily"]}', 'daily', $3, '[]')`,
    [
      JSON.stringify({ firstResponse: each(200), nextResponse: null, resolution: null }),
      JSON.stringify([{ delay: HOUR, page: [{ kind: 'channel' }] }]),
      JSON.stringify({ firstResponse: each(8 * HOUR), nextResponse: null, resolution: each(400 * HOUR) }),
    ],
  );
  await pool.query('update settings_version set version = version + 1');
});
afterAll(() => on.close());

/** A ticket whose first response is late and whose ladder waits for its first step. */
async function escalated(): Promise<string> {
  const { id } = await on.open({ tags: ['late'] });
  await vi.waitUntil(async () => (await on.get(`/tickets/${id}`)).body.escalation !== null, { timeout: 20_000 });
  return id;
}

describe('an escalation', () => {
  test('is postponed from now, then acknowledged, and then there is none to speak of', async () => {
    const id = await escalated();
    const before = (await on.get(`/tickets/${id}`)).body;
    expect(before.escalation).toMatchObject({ target: 'firstResponse', step: 0, acknowledged: false });
    const asked = Date.now();
    const later = await on.post(`/tickets/${id}/escalation/postpone`, { minutes: 90 });
    const nextAt = Date.parse(later.body.escalation.nextAt);
    expect(nextAt).toBeGreaterThanOrEqual(asked + 90 * 60_000 - 1_000);
    expect(nextAt).toBeLessThanOrEqual(Date.now() + 90 * 60_000 + 1_000);
    expect((await on.event(id, 'escalation.postponed')).data).toMatchObject({ until: later.body.escalation.nextAt });

    const seen = await on.post(`/tickets/${id}/escalation/acknowledge`);
    expect(seen.body.escalation).toMatchObject({ acknowledged: true, nextAt: null });
    expect(seen.body.sla.firstResponse.state).toBe('breached');
    for (const [path, json] of [
      ['acknowledge', undefined],
      ['postpone', { minutes: 5 }],
    ] as const) {
      const answer = await on.post(`/tickets/${id}/escalation/${path}`, json);
      expect([answer.status, answer.body.code]).toEqual([409, 'no_escalation']);
    }
    expect((await on.story(id)).filter((type) => type.startsWith('escalation.'))).toEqual([
      'escalation.postponed',
      'escalation.acknowledged',
    ]);
  });

  test.each([{ minutes: 0 }, { minutes: 1441 }, { minutes: 1.5 }, { minutes: '5' }, {}])(
    'postponed by %j is refused and names the field',
    async (json) => {
      const answer = await on.post('/tickets/T-9/escalation/postpone', json);
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'minutes']);
    },
  );

  test('of a ticket that is not late, or of none, is refused', async () => {
    const { id } = await on.open();
    expect((await on.post(`/tickets/${id}/escalation/acknowledge`)).body.code).toBe('no_escalation');
    expect((await on.post('/tickets/T-9/escalation/acknowledge')).status).toBe(404);
    expect((await on.post(`/tickets/${id}/escalation/acknowledge`, undefined, { 'If-Match': '"1"' })).status).toBe(412);
  });
});

interface Segment {
  from: string;
  to: string;
  counted: boolean;
  why: string;
  reason: string | null;
}

const spanOf = ({ from, to }: Segment) => Date.parse(to) - Date.parse(from);
const counted = (segments: Segment[]) =>
  segments.filter((one) => one.counted).reduce((sum, one) => sum + spanOf(one), 0);

describe('why a deadline is what it is', () => {
  test('is told in contiguous spans of working time, nights and holidays that add up to what is left', async () => {
    const writtenAt = Date.now() - 7 * DAY;
    const name = await on.desk.newTicket();
    const message = await on.desk.words('Late', 'A week ago', { writtenAt, tags: ['daily'] });
    const { body: daily } = await on.get(`/tickets/${(await on.open({ tags: ['daily'] })).id}`);
    expect(daily.sla.resolution.state).toBe('running');
    const { policy } = (await on.desk.read(daily.id)) ?? {};
    if (!policy) throw new Error('The ticket has no policy.');
    await on.desk.tickets.open(name, { ...message, policy });
    await vi.waitUntil(async () => (await on.story(name.ticketId)).includes('sla.breached'), { timeout: 20_000 });

    const { status, body } = await on.get(`/tickets/${name.ticketId}/sla`);
    const { firstResponse, nextResponse, resolution } = body;
    expect([status, nextResponse]).toEqual([200, null]);
    expect(firstResponse.state).toBe('breached');
    expect(resolution).toMatchObject({
      state: 'running',
      policy: { id: 'daily', name: 'In working hours', version: policy.version },
    });
    const { body: shown } = await on.get(`/tickets/${name.ticketId}`);
    expect(resolution.dueAt).toBe(shown.sla.resolution.dueAt);
    const segments: Segment[] = resolution.segments;
    expect(segments[0]?.from).toBe(new Date(writtenAt).toISOString());
    expect(segments.slice(1).map(({ from }) => from)).toEqual(segments.slice(0, -1).map(({ to }) => to));
    expect(new Set(segments.map(({ why }) => why))).toEqual(new Set(['working', 'closed', 'holiday']));
    expect(segments.filter(({ why }) => why === 'holiday')).toMatchObject([
      { from: `${holiday}T00:00:00.000Z`, counted: false },
    ]);
    const left = 400 * HOUR - counted(segments);
    expect(Math.abs(left / 1000 - resolution.remainingSeconds)).toBeLessThanOrEqual(1);
    expect(
      Math.abs((8 * HOUR - counted(firstResponse.segments)) / 1000 - firstResponse.remainingSeconds),
    ).toBeLessThanOrEqual(1);
    expect(firstResponse.remainingSeconds).toBeLessThan(0);
  });

  test('tells a pause with its reason, and ends where what was owed was done', async () => {
    const { id } = await on.open();
    await on.post(`/tickets/${id}/status`, { status: 'on_hold' });
    expect((await on.get(`/tickets/${id}/sla`)).body.resolution).toMatchObject({ state: 'paused', dueAt: null });
    await on.post(`/tickets/${id}/status`, { status: 'open' });
    const { body: message } = await on.post(`/tickets/${id}/messages`, { body: 'Here you are.' });
    await vi.waitUntil(async () => (await on.get(`/tickets/${id}/messages/${message.id}`)).body.state === 'sent', {
      timeout: 20_000,
    });
    const { body } = await on.get(`/tickets/${id}/sla`);
    const told = (segments: Segment[]) => segments.map(({ why, reason }) => [why, reason]);
    expect(body.firstResponse.state).toBe('fulfilled');
    expect(told(body.firstResponse.segments)).toEqual([
      ['always', null],
      ['paused', 'on_hold'],
      ['always', null],
    ]);
    expect(told(body.resolution.segments).slice(-2)).toEqual([
      ['always', null],
      ['paused', 'pending'],
    ]);
    const again = (await on.get(`/tickets/${id}/sla`)).body;
    expect(again.firstResponse).toEqual(body.firstResponse);
  });

  test('after another priority is told under the policy that holds now', async () => {
    const { id } = await on.open({ priority: 'low' });
    await on.patch(`/tickets/${id}`, { priority: 'urgent' });
    await vi.waitUntil(async () => (await on.story(id)).includes('sla.policyApplied'), { timeout: 20_000 });
    const { body } = await on.get(`/tickets/${id}/sla`);
    const begun = Date.parse(body.firstResponse.segments[0].from);
    expect(body.firstResponse.policy.id).toBe('standard');
    expect(Date.parse(body.firstResponse.dueAt)).toBe(begun + HOUR / 2);
  });

  test('of no ticket is 404', async () => {
    expect((await on.get('/tickets/T-9/sla')).status).toBe(404);
  });
});
