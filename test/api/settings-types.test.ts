import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createSettings } from '../../db/settings.ts';
import { SUPPORT_TYPES } from '../../db/support-types.ts';
import { openTicket } from './setting-rows.ts';
import { startApi, type TestApi } from './support.ts';

const PATH = '/api/v1/support-types';
let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());

const warranty = { name: 'Warranty', category: 'refund' };
const create = (json: unknown) => api.ask('POST', PATH, { key, json });
const change = (id: string, json: unknown) => api.ask('PATCH', `${PATH}/${id}`, { key, json });

describe('a support type', () => {
  test('has what is usual unless it says otherwise, and is known to the next reader of the settings', async () => {
    const settings = createSettings(api.db.pool);
    const { version } = await settings.read();
    const made = await create(warranty);
    expect(made.status).toBe(201);
    expect(made.body).toMatchObject({
      id: 'warranty',
      position: SUPPORT_TYPES.length + 1,
      active: true,
      autonomy: 'suggest',
      assignmentMode: 'leastLoaded',
      form: [],
      teamId: null,
      autoCloseDays: 7,
    });
    const read = await settings.read();
    expect(read.version).toBe(version + 1);
    expect(read.types.at(-1)).toMatchObject({ id: 'warranty', skills: {} });
  });

  test('is changed field by field, and what is not given stays', async () => {
    const form = [
      { key: 'orderNumber', label: 'Order', kind: 'text', required: true },
      { key: 'colour', label: 'Colour', kind: 'choice', required: false, options: ['red', 'blue'] },
    ];
    const given = {
      form,
      resolutionReasons: ['Replaced'],
      reasonRequired: true,
      teamId: 'billing',
      skills: { repairs: 2 },
    };
    expect((await change('warranty', given)).body).toMatchObject({ ...given, name: 'Warranty' });
    const changed = await change('warranty', { tags: ['b', 'a', 'b'], autonomy: 'off' });
    expect(changed.body).toMatchObject({ ...given, tags: ['a', 'b'], autonomy: 'off' });
    expect((await api.ask('GET', `${PATH}/warranty`, { key })).body).toEqual(changed.body);
    const { rows } = await api.db.pool.query(`select body from support_types where id = 'warranty'`);
    expect(rows[0].body).toMatchObject({ id: 'warranty', form, autonomy: 'off' });
  });

  test('that is first of its category is the one that triage leads to', async () => {
    await change('warranty', { position: 1 });
    const { types } = await createSettings(api.db.pool).read();
    expect(types.find(({ category }) => category === 'refund')?.id).toBe('warranty');
    const { body } = await api.ask('GET', `${PATH}?limit=2&fields=id,position`, { key });
    expect(body.items).toEqual([
      { id: 'warranty', position: 1 },
      { id: 'billing-question', position: 2 },
    ]);
  });

  test('that is not active is given to no ticket any more, and stays', async () => {
    await change('warranty', { active: false });
    const { types } = await createSettings(api.db.pool).read();
    expect(types.map(({ id }) => id)).not.toContain('warranty');
    expect((await api.ask('GET', `${PATH}/warranty`, { key })).body.active).toBe(false);
  });

  test('is deleted once neither a policy nor a ticket that is not closed uses it', async () => {
    const filter = { supportType: ['warranty', 'refund'] };
    await api.ask('PATCH', '/api/v1/sla/policies/standard', { key, json: { filter } });
    const ticketId = await openTicket(api.db, { supportType: 'warranty' });
    const refused = await api.ask('DELETE', `${PATH}/warranty`, { key });
    expect([refused.status, refused.body.usedBy]).toEqual([
      409,
      ['the policy standard', '1 ticket that is not closed'],
    ]);
    await api.ask('PATCH', '/api/v1/sla/policies/standard', { key, json: { filter: {} } });
    await api.db.pool.query(`update tickets set status = 'closed' where id = $1`, [ticketId]);
    expect((await api.ask('DELETE', `${PATH}/warranty`, { key })).status).toBe(200);
    expect((await api.ask('GET', `${PATH}/warranty`, { key })).status).toBe(404);
  });
});

describe('a support type that cannot be', () => {
  const field = (over: object) => ({ form: [{ key: 'size', label: 'Size', kind: 'text', required: false, ...over }] });
  test.each([
    [{ autonomy: 'auto_reply' }, 'autonomy', 'stays locked until the measured acceptance of its category allows it'],
    [{ autonomy: 'all' }, 'autonomy', 'must be one of off, suggest, auto_reply'],
    [{ teamId: 'nobody' }, 'teamId', 'names the team "nobody", and there is none'],
    [{ policyId: 'none' }, 'policyId', 'names the policy "none", and there is none'],
    [{ reasonRequired: true }, 'reasonRequired', 'is true, and there is no reason to choose'],
    [{ resolutionReasons: ['A', 'A'] }, 'resolutionReasons', 'must hold each one once'],
    [field({ kind: 'choice' }), 'form.0.options', 'must name what may be chosen'],
    [field({ options: ['a'] }), 'form.0.options', 'belongs to a choice, and this is a text; leave it out'],
    [field({ key: 'not a key' }), 'form.0.key', 'must be letters and digits'],
    [field({ kind: 'colour' }), 'form.0.kind', 'must be one of text, number'],
    [{ form: [...field({}).form, ...field({}).form] }, 'form', 'must use each key once'],
    [{ category: 'gossip' }, 'category', 'must be one of'],
    [{ assignmentMode: 'lottery' }, 'assignmentMode', 'must be one of manual, roundRobin'],
    [{ skills: { repairs: 6 } }, 'skills.repairs', 'must be at most 5'],
    [{ autoCloseDays: 0 }, 'autoCloseDays', 'must be at least 1'],
    [{ csat: true }, 'csat', 'is not known here'],
  ])('is refused with the field and the fix: %j', async (over, path, message) => {
    const answer = await create({ ...warranty, ...over });
    expect(answer.status).toBe(422);
    expect(answer.body.errors[0].path).toBe(path);
    expect(answer.body.errors[0].message).toContain(message);
    expect((await api.ask('GET', `${PATH}/warranty`, { key })).status).toBe(404);
  });
});

describe('a team', () => {
  const TEAMS = '/api/v1/teams';
  const team = (method: string, path = '', json?: unknown) =>
    api.ask(method, `${TEAMS}${path}`, json === undefined ? { key } : { key, json });

  test('shows its members, and loses them when it is deleted', async () => {
    expect((await team('POST', '', { name: 'Night shift' })).body).toMatchObject({ id: 'night-shift', members: [] });
    const { userId } = await api.newKey('agent');
    const joined = await api.ask('PATCH', `/api/v1/agents/${userId}`, { key, json: { teams: ['night-shift'] } });
    expect(joined.body.teams).toEqual(['night-shift']);
    expect((await team('GET', '/night-shift')).body.members).toEqual([{ id: userId, name: 'Ada' }]);
    expect((await team('PATCH', '/night-shift', { name: 'Nights' })).body.name).toBe('Nights');
    expect((await team('DELETE', '/night-shift')).status).toBe(200);
    expect((await api.ask('GET', `/api/v1/agents/${userId}`, { key })).body.teams).toEqual([]);
  });

  test('of a name that another has is refused', async () => {
    const taken = await team('POST', '', { id: 'other', name: 'Billing' });
    expect(taken.body.errors).toEqual([
      { path: 'name', message: 'is "Billing", as the team "billing" is called already; give another' },
    ]);
    expect((await team('PATCH', '/security', { name: 'Billing' })).status).toBe(422);
    expect((await team('PATCH', '/security', { name: 'Security and privacy' })).status).toBe(200);
  });

  test('that work still goes to is not deleted', async () => {
    await team('POST', '', { id: 'pagees', name: 'Pagees' });
    const ladder = [{ delay: 0, page: [{ kind: 'channel' }, { kind: 'team', teamId: 'pagees' }] }];
    await api.ask('PATCH', '/api/v1/sla/policies/standard', { key, json: { ladder } });
    await change('refund', { teamId: 'pagees' });
    await openTicket(api.db, { teamId: 'pagees' });
    await openTicket(api.db, { teamId: 'pagees' });
    const refused = await team('DELETE', '/pagees');
    expect(refused.body.usedBy).toEqual([
      'the support type refund',
      'the policy standard',
      '2 tickets that are not closed',
    ]);
  });
});
