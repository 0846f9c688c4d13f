import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { createSettings, policyFor } from '../../db/settings.ts';
import type { PolicyFacts } from '../../domain/sla-policy.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/sla/policies';
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());
beforeEach(async () => {
  await api.db.pool.query(`update support_types set body = body || '{"policyId": null}'`);
  await api.db.pool.query(`delete from sla_policies where id <> 'standard'`);
  await api.db.pool.query(`update sla_policies set position = 1`);
});

const hour = { urgent: 15, high: 60, normal: 60, low: 60 };
const policy = { name: 'Enterprise', targets: { firstResponse: hour } };
const create = (json: unknown) => api.ask('POST', PATH, { key, json });
const change = (id: string, json: unknown) => api.ask('PATCH', `${PATH}/${id}`, { key, json });

async function order(): Promise<string[]> {
  const { body } = await api.ask('GET', PATH, { key });
  return body.items.map(({ id, position }: { id: string; position: number }) => `${position} ${id}`);
}

describe('a policy', () => {
  test('is given in minutes, and decides about tickets with the next version of the settings', async () => {
    const settings = createSettings(api.db.pool);
    const { version } = await settings.read();
    const filter = { tier: ['enterprise'], severity: ['sev1'], tag: ['vip'] };
    const ladder = [
      { delay: 0, page: [{ kind: 'channel' }, { kind: 'assignee' }, { kind: 'team', teamId: null }] },
      { delay: 15, page: [{ kind: 'role', role: 'lead' }, { kind: 'team', teamId: 'billing' }, { kind: 'pagerDuty' }] },
    ];
    const given = { ...policy, filter, ladder, calendarId: 'weekdays', warnAt: [0.9, 0.5], position: 1 };
    const made = await create(given);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      ...given,
      id: 'enterprise',
      targets: { firstResponse: hour, nextResponse: null, resolution: null },
      warnAt: [0.5, 0.9],
    });
    expect((await api.ask('GET', `${PATH}/enterprise`, { key })).body).toEqual(made.body);

    const read = await settings.read();
    expect(read.version).toBe(version + 1);
    const facts: PolicyFacts = {
      tier: 'enterprise',
      severity: 'sev1',
      priority: 'urgent',
      supportType: null,
      channel: 'api',
      tags: ['vip'],
    };
    const chosen = policyFor(read, facts);
    expect(chosen).toMatchObject({ id: 'enterprise', targets: { firstResponse: { urgent: 15 * 60_000 } } });
    expect(chosen.ladder[1]?.delay).toBe(15 * 60_000);
    expect(chosen.calendar?.id).toBe('weekdays');
    expect(policyFor(read, { ...facts, tags: [] }).id).toBe('standard');
  });

  test('is placed at the end, or where it is told, and moved by a change; the others make room', async () => {
    for (const id of ['a', 'b']) await create({ ...policy, id });
    await create({ ...policy, id: 'first', position: 1 });
    expect(await order()).toEqual(['1 first', '2 standard', '3 a', '4 b']);
    const before = await api.ask('GET', `${PATH}/a`, { key });
    expect((await change('b', { position: 2 })).body.position).toBe(2);
    expect(await order()).toEqual(['1 first', '2 b', '3 standard', '4 a']);
    expect((await change('first', { position: 100 })).body.position).toBe(4);
    expect(await order()).toEqual(['1 b', '2 standard', '3 a', '4 first']);
    const after = await api.ask('GET', `${PATH}/a`, { key });
    expect(after.headers.get('etag')).not.toBe(before.headers.get('etag'));
  });

  test('can lose its calendar, its filter and its targets', async () => {
    await create({ ...policy, id: 'p', calendarId: 'weekdays', filter: { channel: ['api'] } });
    const { body } = await change('p', { calendarId: null, targets: { resolution: hour }, filter: {} });
    expect(body).toMatchObject({ calendarId: null, filter: {}, name: 'Enterprise' });
    expect(body.targets).toEqual({ firstResponse: null, nextResponse: null, resolution: hour });
  });

  test('is listed page by page in its order', async () => {
    for (const id of ['b', 'a']) await create({ ...policy, id });
    const first = await api.ask('GET', `${PATH}?limit=2&fields=id`, { key });
    expect(first.body.items).toEqual([{ id: 'standard' }, { id: 'b' }]);
    const next = await api.ask('GET', `${PATH}?limit=2&fields=id&cursor=${first.body.nextCursor}`, { key });
    expect(next.body).toEqual({ items: [{ id: 'a' }], nextCursor: null });
  });

  test('is deleted unless a support type names it', async () => {
    await create({ ...policy, id: 'gone' });
    const named = await api.ask('PATCH', '/api/v1/support-types/refund', { key, json: { policyId: 'gone' } });
    expect(named.status).toBe(200);
    const refused = await api.ask('DELETE', `${PATH}/gone`, { key });
    expect([refused.status, refused.body.code, refused.body.usedBy]).toEqual([
      409,
      'in_use',
      ['the support type refund'],
    ]);
    await api.ask('PATCH', '/api/v1/support-types/refund', { key, json: { policyId: null } });
    expect((await api.ask('DELETE', `${PATH}/gone`, { key })).status).toBe(200);
    expect(await order()).toEqual(['1 standard']);
  });

  test('of many writes at once each finds its own place', async () => {
    const answers = await Promise.all(
      Array.from({ length: 8 }, (_, n) => create({ ...policy, id: `p${n}`, position: 1 })),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 201));
    const { rows } = await api.db.pool.query('select position from sla_policies order by position');
    expect(rows.map(({ position }) => position)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9]);
  });
});

describe('a policy that cannot be', () => {
  const step = (page: unknown, delay: unknown = 0) => ({ ladder: [{ delay, page: [page] }] });
  test.each([
    [{ calendarId: 'nowhere' }, 'calendarId', 'names the calendar "nowhere", and there is none'],
    [{ filter: { supportType: ['refund', 'gone'] } }, 'filter.supportType.1', 'names the support type "gone"'],
    [step({ kind: 'team', teamId: 'nobody' }), 'ladder.0.page.0.teamId', 'names the team "nobody"'],
    [step({ kind: 'onCall', rotaId: 'none' }), 'ladder.0.page.0.rotaId', 'names the rota "none"'],
    [step({ kind: 'everybody' }), 'ladder.0.page.0.kind', 'must be one of assignee, team, role'],
    [step({ kind: 'role', role: 'agent' }), 'ladder.0.page.0.role', 'must be one of lead, admin'],
    [step({ kind: 'channel' }, -1), 'ladder.0.delay', 'must be at least 0'],
    [step({ kind: 'channel' }, 10_081), 'ladder.0.delay', 'must be at most 10080'],
    [{ ladder: [{ delay: 0, page: [] }] }, 'ladder.0.page', 'must hold at least 1'],
    [{ ladder: Array.from({ length: 11 }, () => ({ delay: 0, page: [{ kind: 'channel' }] })) }, 'ladder', 'at most 10'],
    [{ warnAt: [0] }, 'warnAt.0', 'is 0; give a share of the target between 0 and 1'],
    [{ warnAt: [1] }, 'warnAt.0', 'is 1; give a share'],
    [{ warnAt: [0.1, 0.2, 0.3, 0.4, 0.5, 0.6] }, 'warnAt', 'at most 5'],
    [{ targets: { firstResponse: { urgent: 30 } } }, 'targets.firstResponse.low', 'is missing'],
    [{ targets: { firstResponse: { ...hour, low: 0 } } }, 'targets.firstResponse.low', 'must be at least 1'],
    [{ targets: { firstResponse: { ...hour, low: 0.5 } } }, 'targets.firstResponse.low', 'must be an int'],
    [{ targets: { lastResponse: hour } }, 'targets.lastResponse', 'is not known here'],
    [{ filter: { tier: [] } }, 'filter.tier', 'must hold at least 1'],
    [{ filter: { colour: ['red'] } }, 'filter.colour', 'is not known here'],
    [{ position: 0 }, 'position', 'must be at least 1'],
    [{ id: 'standard' }, 'id', 'another policy has'],
    [{ id: 'none' }, 'id', 'stands for no policy'],
  ])('is refused with the field and the fix: %j', async (over, path, message) => {
    const answer = await create({ ...policy, ...over });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(path);
    expect(answer.body.errors[0].message).toContain(message);
    expect(await order()).toEqual(['1 standard']);
  });

  test('because there are a hundred already is refused', async () => {
    await api.db.pool.query(
      `insert into sla_policies (id, position, name, targets)
       select 'p' || n, n, 'P', '{"firstResponse": null, "nextResponse": null, "resolution": null}'
       from generate_series(2, 100) n`,
    );
    const answer = await create(policy);
    expect(answer.body.errors).toEqual([
      { path: 'id', message: 'would be one too many: there are 100 policies at most; delete one first' },
    ]);
  });

  test('because there is none is not found', async () => {
    for (const id of ['gone', '%00', '..%2F..']) {
      const answer = await change(id, { name: 'New' });
      expect([answer.status, answer.body.code]).toEqual([404, 'not_found']);
    }
  });
});
