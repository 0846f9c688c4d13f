import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { rotaOf } from '../../db/pagees.ts';
import { onCall } from '../../domain/rota.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/rotas';
let api: TestApi;
let key: string;
let ada: string;
let ben: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
  ({ userId: ada } = await api.newKey('agent'));
  ({ userId: ben } = await api.newKey('agent'));
});
afterAll(() => api.close());

const weekly = () => ({
  name: 'Weekly',
  zone: 'Europe/Berlin',
  startsOn: '2026-11-02',
  handOverAt: '09:00',
  rotationDays: 7,
  agentIds: [ada, ben],
});
const ask = (method: string, path: string, json?: unknown) =>
  api.ask(method, `${PATH}${path}`, json === undefined ? { key } : { key, json });

async function onCallAt(at: string): Promise<string | null> {
  const found = await rotaOf(api.db.pool, 'weekly', Date.parse(at));
  if (found === null || !('rota' in found)) throw new Error('The rota was not found.');
  return onCall(found.rota, Date.parse(at));
}

describe('a rota', () => {
  test('of turns says who is on call, from one hand-over to the next, overrides included', async () => {
    const made = await ask('POST', '', weekly());
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({ ...weekly(), id: 'weekly', kind: 'turns', scheduleId: null, overrides: [] });
    expect(await onCallAt('2026-11-09T07:59:00Z')).toBe(ada);
    expect(await onCallAt('2026-11-09T08:00:00Z')).toBe(ben);

    const overrides = [{ from: '2026-11-10T00:00:00.000Z', to: '2026-11-11T00:00:00.000Z', agentId: ada }];
    const changed = await ask('PATCH', '/weekly', { overrides, handOverAt: '10:30', name: 'Weekly, later' });
    expect(changed.body).toMatchObject({ ...weekly(), overrides, handOverAt: '10:30', name: 'Weekly, later' });
    expect((await ask('GET', '/weekly')).body).toEqual(changed.body);
    expect(await onCallAt('2026-11-09T08:00:00Z')).toBe(ada);
    expect(await onCallAt('2026-11-10T12:00:00Z')).toBe(ada);
    expect(await onCallAt('2026-11-11T00:00:00Z')).toBe(ben);
  });

  test('may be a schedule of PagerDuty’s', async () => {
    const made = await ask('POST', '', { name: 'Nights', kind: 'pagerDuty', scheduleId: 'PI7DH85' });
    expect(made.body).toMatchObject({
      id: 'nights',
      kind: 'pagerDuty',
      scheduleId: 'PI7DH85',
      zone: null,
      agentIds: [],
    });
    expect((await ask('PATCH', '/nights', { scheduleId: 'PQ1' })).body.scheduleId).toBe('PQ1');
    expect(await rotaOf(api.db.pool, 'nights', Date.now())).toEqual({ scheduleId: 'PQ1' });
  });

  test('that a ladder pages is not deleted', async () => {
    const ladder = [{ delay: 5, page: [{ kind: 'onCall', rotaId: 'weekly' }] }];
    await api.ask('PATCH', '/api/v1/sla/policies/standard', { key, json: { ladder } });
    expect((await ask('DELETE', '/weekly')).body).toMatchObject({ code: 'in_use', usedBy: ['the policy standard'] });
    await api.ask('PATCH', '/api/v1/sla/policies/standard', { key, json: { ladder: [] } });
    expect((await ask('DELETE', '/weekly')).status).toBe(200);
    expect((await ask('GET', '')).body.items.map(({ id }: { id: string }) => id)).toEqual(['nights']);
  });

  const nobody = 'a0000000-0000-4000-8000-000000000000';
  const span = (from: string, to: string) => ({ from, to, agentId: nobody });
  test.each([
    [{ agentIds: [nobody] }, 'agentIds.0', `names the agent "${nobody}", and there is none`],
    [{ agentIds: [] }, 'agentIds', 'must hold at least 1'],
    [{ agentIds: ['ada'] }, 'agentIds.0', 'must be the id of an agent'],
    [{ zone: 'Mars/Olympus' }, 'zone', 'names "Mars/Olympus"'],
    [{ startsOn: '2026-13-01' }, 'startsOn', 'is "2026-13-01", which is no date'],
    [{ handOverAt: '24:00' }, 'handOverAt', 'is "24:00", which is no time of day'],
    [{ rotationDays: 0 }, 'rotationDays', 'must be at least 1'],
    [{ overrides: [span('2026-11-10T00:00:00Z', '2026-11-11T00:00:00Z')] }, 'overrides.0.agentId', 'names the agent'],
    [
      { overrides: [span('2026-11-11T00:00:00Z', '2026-11-10T00:00:00Z')] },
      'overrides.0.to',
      'must end after it begins',
    ],
    [{ scheduleId: 'PI7DH85' }, 'scheduleId', 'does not belong to a rota of the kind "turns"'],
    [{ kind: 'pagerDuty' }, 'zone', 'does not belong to a rota of the kind "pagerDuty"'],
    [{ zone: undefined }, 'zone', 'is missing'],
    [{ offsets: [] }, 'offsets', 'is not known here'],
  ])('that cannot be is refused with the field and the fix: %j', async (over, path, message) => {
    const answer = await ask('POST', '', { ...weekly(), ...over });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(path);
    expect(answer.body.errors[0].message).toContain(message);
  });

  test('stays of its kind', async () => {
    const answer = await ask('PATCH', '/nights', { zone: 'UTC' });
    expect(answer.body.errors[0].path).toBe('zone');
    expect((await ask('GET', '/nights')).body.scheduleId).toBe('PQ1');
  });
});
