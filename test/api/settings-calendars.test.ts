import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/calendars';
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi({ now: () => Date.parse('2026-11-21T12:00:00Z') });
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.pool.query(`update agents set calendar_id = null`);
  await api.db.pool.query(`update sla_policies set calendar_id = null`);
  await api.db.pool.query(`delete from calendars where id <> 'weekdays'`);
});

const nineToFive = [{ from: '09:00', to: '17:00' }];
const berlin = { name: 'Berlin', zone: 'Europe/Berlin', weekly: { monday: nineToFive } };
const create = (json: unknown) => api.ask('POST', PATH, { key, json });

async function version(): Promise<number> {
  const { rows } = await api.db.pool.query<{ version: number }>('select version from settings_version');
  return rows[0]?.version ?? 0;
}

describe('a calendar', () => {
  test('is created, read, changed and deleted, and each write raises the version of the settings', async () => {
    const before = await version();
    const made = await create({ ...berlin, id: 'berlin', holidays: ['2026-12-31', '2026-12-24', '2026-12-31'] });
    expect([made.status, made.headers.get('location')]).toEqual([201, `${PATH}/berlin`]);
    expect(made.body).toMatchObject({
      id: 'berlin',
      zone: 'Europe/Berlin',
      weekly: { monday: nineToFive, tuesday: [], sunday: [] },
      holidays: ['2026-12-24', '2026-12-31'],
      country: null,
    });
    const read = await api.ask('GET', `${PATH}/berlin`, { key });
    expect(read.body).toEqual(made.body);
    expect(read.headers.get('etag')).toBe(made.headers.get('etag'));

    const weekly = {
      saturday: [
        { from: '22:00', to: '24:00' },
        { from: '00:00', to: '06:30' },
      ],
    };
    const changed = await api.ask('PATCH', `${PATH}/berlin`, { key, json: { weekly } });
    expect(changed.status).toBe(200);
    expect(changed.body).toMatchObject({
      name: 'Berlin',
      weekly: {
        monday: [],
        saturday: [
          { from: '00:00', to: '06:30' },
          { from: '22:00', to: '24:00' },
        ],
      },
      holidays: ['2026-12-24', '2026-12-31'],
    });
    const { rows } = await api.db.pool.query(`select weekly -> 5 as day from calendars where id = 'berlin'`);
    expect(rows[0].day).toEqual([
      { from: 0, to: 390 },
      { from: 1320, to: 1440 },
    ]);

    expect((await api.ask('DELETE', `${PATH}/berlin`, { key })).body).toMatchObject({ id: 'berlin' });
    expect((await api.ask('GET', `${PATH}/berlin`, { key })).status).toBe(404);
    expect(await version()).toBe(before + 3);
  });

  test('without an id gets one by its name', async () => {
    expect((await create({ ...berlin, name: 'Zürich, 9 to 5!' })).body.id).toBe('zurich-9-to-5');
    expect((await create({ ...berlin, name: '東京' })).body.errors[0].message).toContain('cannot be made of');
  });

  test('gets the public holidays of its country for this year and the next four, beside those given', async () => {
    const { body } = await create({ ...berlin, country: 'de', holidays: ['2026-12-24'] });
    expect(body.country).toBe('DE');
    expect(body.holidays).toEqual(expect.arrayContaining(['2026-12-24', '2026-12-25', '2030-10-03']));
    expect(body.holidays.at(-1)).toBe('2030-12-26');
    const added = await api.ask('PATCH', `${PATH}/berlin`, { key, json: { country: 'FR' } });
    expect(added.body.holidays).toEqual(expect.arrayContaining(['2026-12-24', '2028-07-14']));
    const cleared = await api.ask('PATCH', `${PATH}/berlin`, { key, json: { country: null, holidays: [] } });
    expect(cleared.body).toMatchObject({ country: null, holidays: [] });
  });

  test('that the caller has not seen as it is now is not overwritten', async () => {
    const made = await create({ ...berlin, id: 'berlin' });
    const stale = { 'If-Match': made.headers.get('etag') ?? '' };
    const change = (name: string, headers = {}) => api.ask('PATCH', `${PATH}/berlin`, { key, json: { name }, headers });
    const first = await change('First', stale);
    expect(first.status).toBe(200);
    expect(first.headers.get('etag')).not.toBe(made.headers.get('etag'));
    expect((await change('Second', stale)).status).toBe(412);
    expect((await api.ask('DELETE', `${PATH}/berlin`, { key, headers: stale })).status).toBe(412);
    expect((await api.ask('GET', `${PATH}/berlin`, { key })).body.name).toBe('First');
  });

  test('is listed in order, page by page', async () => {
    for (const id of ['c', 'a', 'b']) await create({ ...berlin, id });
    const first = await api.ask('GET', `${PATH}?limit=3&fields=id`, { key });
    expect(first.body.items).toEqual([{ id: 'a' }, { id: 'b' }, { id: 'c' }]);
    const next = await api.ask('GET', `${PATH}?limit=3&cursor=${first.body.nextCursor}`, { key });
    expect(next.body).toMatchObject({ items: [{ id: 'weekdays' }], nextCursor: null });
  });

  test('of a repeated request is made once', async () => {
    const ask = () =>
      api.ask('POST', PATH, { key, json: { ...berlin, id: 'once' }, headers: { 'Idempotency-Key': 'calendar-1' } });
    const [first, second] = [await ask(), await ask()];
    expect([first.status, second.status]).toEqual([201, 201]);
    expect(second.body).toEqual(first.body);
  });

  test('that is still used is not deleted, and who uses it is named', async () => {
    await create({ ...berlin, id: 'used' });
    const { userId } = await api.newKey('agent');
    await api.db.pool.query(`update sla_policies set calendar_id = 'used' where id = 'standard'`);
    await api.db.pool.query(`update agents set calendar_id = 'used' where id = $1`, [userId]);
    const before = await version();
    const answer = await api.ask('DELETE', `${PATH}/used`, { key });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      code: 'in_use',
      usedBy: ['the policy standard', 'the agent Ada'],
      detail: 'The calendar "used" is used by the policy standard, the agent Ada; let each use another one first.',
    });
    expect(await version()).toBe(before);
  });

  test('is written by leads and admins, and read by everybody who is signed in', async () => {
    const agent = await api.newKey('agent');
    const integration = await api.newKey('integration');
    expect((await api.ask('GET', PATH, { key: agent.key })).status).toBe(200);
    expect((await api.ask('POST', PATH, { key: agent.key, json: berlin })).status).toBe(403);
    expect((await api.ask('GET', PATH, { key: integration.key })).status).toBe(200);
    expect((await api.ask('DELETE', `${PATH}/weekdays`, { key: integration.key })).status).toBe(403);
    expect((await api.ask('GET', PATH)).status).toBe(401);
  });
});

describe('a calendar that cannot be', () => {
  const week = (...intervals: unknown[]) => ({ weekly: { monday: intervals } });
  const at = (from: string, to: string) => ({ from, to });
  test.each([
    [{ zone: 'Europe/Atlantis' }, 'zone', 'names "Europe/Atlantis", which is no time zone; name one of the IANA list'],
    [week(at('09:00', '12:00'), at('11:59', '13:00')), 'weekly.monday.1', 'overlaps 09:00 to 12:00'],
    [week(at('22:00', '06:00')), 'weekly.monday.0.to', 'passes midnight (22:00 to 06:00); end it at 24:00'],
    [week(at('09:00', '09:00')), 'weekly.monday.0.to', 'ends when it begins'],
    [week(at('9:00', '17:00')), 'weekly.monday.0.from', 'is "9:00", which is no time of day'],
    [week(at('09:00', '24:01')), 'weekly.monday.0.to', 'is "24:01"'],
    [week(at('24:00', '24:00')), 'weekly.monday.0.from', 'is "24:00"'],
    [{ weekly: {} }, 'weekly', 'must have one interval at least'],
    [{ weekly: { someday: [] } }, 'weekly.someday', 'is not known here'],
    [{ holidays: ['2026-02-30'] }, 'holidays.0', 'is "2026-02-30", which is no date'],
    [{ holidays: ['Christmas'] }, 'holidays.0', 'is "Christmas"'],
    [{ country: 'XX' }, 'country', 'names "XX", whose holidays are not known'],
    [{ country: 'Germany' }, 'country', 'must be the two letters'],
    [{ id: 'weekdays' }, 'id', 'another calendar has'],
    [{ id: 'No Slug' }, 'id', 'must be small letters'],
    [{ name: ' ' }, 'name', 'must hold more than blanks'],
    [{ offsets: [] }, 'offsets', 'is not known here'],
  ])('is refused with the field and the fix: %j', async (over, path, message) => {
    const before = await version();
    const answer = await create({ ...berlin, ...over });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(path);
    expect(answer.body.errors[0].message).toContain(message);
    expect(await version()).toBe(before);
  });

  test('with more than fifty intervals in its week is refused', async () => {
    const quarter = (minute: number) => `${String(Math.floor(minute / 60)).padStart(2, '0')}:${minute % 60 || '00'}`;
    const day = Array.from({ length: 26 }, (_, n) => ({ from: quarter(n * 30), to: quarter(n * 30 + 15) }));
    const answer = await create({ ...berlin, weekly: { monday: day, tuesday: day } });
    expect(answer.body.errors).toEqual([{ path: 'weekly', message: 'has 52 intervals; give at most 50' }]);
  });

  test('with more holidays than fit is refused, also when the country brings those', async () => {
    const day = (n: number) => new Date(Date.UTC(2020, 0, 1 + n)).toISOString().slice(0, 10);
    const days = (count: number) => Array.from({ length: count }, (_, n) => day(n));
    const many = await create({ ...berlin, holidays: days(401) });
    expect(many.body.errors).toEqual([{ path: 'holidays', message: 'must hold at most 400 items' }]);
    const filled = await create({ ...berlin, holidays: days(400), country: 'DE' });
    expect(filled.body.errors[0].message).toMatch(/^would be 4\d\d with those of DE; give 400 at most$/);
  });

  test('leaves everything as it was when only one field of a change is wrong', async () => {
    const answer = await api.ask('PATCH', `${PATH}/weekdays`, { key, json: { name: 'New', zone: 'Nowhere' } });
    expect(answer.status).toBe(422);
    expect((await api.ask('GET', `${PATH}/weekdays`, { key })).body.name).toBe('Weekdays, 9 to 5');
  });
});
