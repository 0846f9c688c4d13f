import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { searchStatement } from '../../api/reads/search.ts';
import { searchQuery } from '../../api/reads/search-words.ts';
import { EVERYTHING, type Viewer } from '../../domain/scope.ts';
import { addTickets } from './rows.ts';
import { addCustomer, addTicket, note, reply, search } from './said.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());

const found = (typed: string, more = '', as = key) => search(api, as, typed, more);

describe('whoever searches', () => {
  async function customerKey(customerId: string): Promise<string> {
    const made = await api.newKey('integration');
    await api.db.pool.query(`update users set role = 'customer', customer_id = $2 where id = $1`, [
      made.userId,
      customerId,
    ]);
    return made.key;
  }

  test('as a customer finds his own tickets by what he can read of them, and by nothing else', async () => {
    const [me, other] = [
      await addCustomer(api.db, 'Hortense', 'hortense@example.com'),
      await addCustomer(api.db, 'Balthazar', 'balthazar@example.com'),
    ];
    const own = await addTicket(api.db, {
      requesterId: me,
      subject: 'Gooseberry',
      said: ['thorns', reply('sugar'), reply('vinegar', 'scheduled'), reply('mustard', 'failed'), note('troublemaker')],
    });
    const foreign = await addTicket(api.db, { requesterId: other, subject: 'Gooseberry', said: ['thorns'] });
    const mine = await customerKey(me);
    for (const typed of [
      'gooseberry',
      'thorns',
      'sugar',
      'hortense',
      '"gooseberry"',
      'goosebery',
      'gooseberry -troublemaker',
    ]) {
      expect([typed, await found(typed, '', mine)]).toEqual([typed, [own.id]]);
    }
    for (const typed of [
      'troublemaker',
      'vinegar',
      'mustard',
      'balthazar',
      'troublmaker',
      'gooseberry -thorns',
      foreign.reference,
    ]) {
      expect([typed, await found(typed, '', mine)]).toEqual([typed, []]);
    }
    expect(await found('troublemaker mustard')).toEqual([own.id]);
    const next = await api.ask('GET', '/api/v1/tickets?q=gooseberry&sort=next', { key: mine });
    expect([next.status, next.body.errors[0].path]).toEqual([403, 'sort']);
  });

  test('within a scope finds what fits it and what is in his own hands', async () => {
    const { pool } = api.db;
    const organisationId = randomUUID();
    await pool.query('insert into organisations (id, name) values ($1, $2)', [organisationId, 'Kumquat Ltd']);
    const requesterId = await addCustomer(api.db, null, 'kumquat@example.com');
    await pool.query('update customers set organisation_id = $2 where id = $1', [requesterId, organisationId]);
    const subject = 'Kumquat';
    const [fits, own, type, team, organisation] = [
      await addTicket(api.db, { subject, teamId: 'billing', supportTypeId: 'refund', requesterId }),
      await addTicket(api.db, { subject }),
      await addTicket(api.db, { subject, teamId: 'success', supportTypeId: 'refund' }),
      await addTicket(api.db, { subject, teamId: 'billing', supportTypeId: 'other' }),
      await addTicket(api.db, { subject, requesterId }),
    ];
    const under = async (scope: Record<string, unknown>) => {
      const { key: agent, userId } = await api.newKey('agent');
      const whole = { supportTypes: null, teams: null, organisations: null, ...scope };
      await pool.query('update users set scope = $2 where id = $1', [userId, JSON.stringify(whole)]);
      await pool.query('update tickets set assignee_id = $2 where id = $1', [own.id, userId]);
      return new Set(await found('kumquat', '', agent));
    };
    const set = (...tickets: { id: string }[]) => new Set(tickets.map(({ id }) => id));
    expect(await under({})).toEqual(set(fits, own, type, team, organisation));
    expect(await under({ teams: ['billing'] })).toEqual(set(fits, own, team));
    expect(await under({ supportTypes: ['refund'] })).toEqual(set(fits, own, type));
    expect(await under({ teams: ['billing'], supportTypes: ['refund'] })).toEqual(set(fits, own));
    expect(await under({ organisations: [organisationId] })).toEqual(set(fits, own, organisation));
    expect(await under({ teams: [] })).toEqual(set(own));
  });

  test('within a scope of several parts finds a phrase behind hundreds of newer tickets that fit only one of them', async () => {
    const subject = 'Quince jelly';
    const { id } = await addTicket(api.db, { subject, teamId: 'billing', supportTypeId: 'refund' });
    const foreign = { subject: 'Jelly of quince', teamId: 'billing', supportTypeId: 'other' };
    await Promise.all(Array.from({ length: 410 }, () => addTicket(api.db, foreign)));
    const { key: agent, userId } = await api.newKey('agent');
    const scope = { supportTypes: ['refund'], teams: ['billing'], organisations: null };
    await api.db.pool.query('update users set scope = $2 where id = $1', [userId, JSON.stringify(scope)]);
    expect(await found('"quince jelly"', '', agent)).toEqual([id]);
  });
});

describe('with 20,000 tickets', () => {
  beforeAll(async () => {
    await addTickets(api.db, 20_000, { from: 100_000, people: 200 });
    await api.db.pool.query('analyze');
  });

  const desk: Viewer = { holderId: null, customerId: null, scope: EVERYTHING };
  const viewers: [string, Viewer][] = [
    ['the whole desk', desk],
    [
      'a team',
      { ...desk, holderId: '00000000-0000-4000-8000-000000000000', scope: { ...EVERYTHING, teams: ['billing'] } },
    ],
    ['a customer', { ...desk, customerId: '00000000-0000-4000-8000-000000000000' }],
  ];

  test.each(viewers)(
    'a word is looked up in the index for %s, and no table is read as a whole',
    async (_who, viewer) => {
      const inside = viewer.customerId === null;
      for (const typed of ['subject', 'subject 104', '"customer 7" subject', 'nosuchword', 'subject -customer']) {
        const query = await searchQuery(api.db.pool, typed, { inside, thorough: false });
        if (query === null) throw new Error('There are words in it.');
        const page = { viewer, inside, typed, filters: {}, sort: 'relevance', after: null, limit: 26 } as const;
        const { text, values } = searchStatement(page, query);
        const { rows } = await api.db.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
        const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
        expect(plan).toMatch(/Bitmap Index Scan on ticket_words_by_word/);
        expect(plan).not.toMatch(/Seq Scan on (tickets|ticket_words)/);
      }
    },
  );

  test('a word that all tickets have is found in the newest, and only as often as is shown', async () => {
    const { rows } = await api.db.pool.query<{ id: string }>('select id from tickets where number >= 119990');
    const newest = new Set(rows.map(({ id }) => id));
    const ids = await found('subject', '&limit=10');
    expect(ids.filter((id) => newest.has(id))).toHaveLength(10);
  });

  test('of a word that all tickets have the newest hundred are found, each once', async () => {
    const { rows } = await api.db.pool.query<{ id: string }>('select id from tickets order by number desc limit 100');
    expect(await pages('&sort=-createdAt', key)).toEqual(rows.map(({ id }) => id));
  });

  test('whoever sees few of them finds all that are his, wherever among them they lie', async () => {
    const { pool } = api.db;
    // The first and the last of each segment that the index knows, and the oldest.
    const { rows } = await pool.query<{ id: string }>(
      `update tickets set team_id = 'lighthouse' where number >= 100000 and (number = 100000 or number % 512 in (0, 511))
       returning id`,
    );
    expect(rows.length).toBeGreaterThan(70);
    const { key: agent, userId } = await api.newKey('agent');
    const scope = { ...EVERYTHING, teams: ['lighthouse'] };
    await pool.query('update users set scope = $2 where id = $1', [userId, JSON.stringify(scope)]);
    const [seen, his] = [await pages('', agent), rows.map(({ id }) => id)];
    expect(seen).toHaveLength(his.length);
    expect(new Set(seen)).toEqual(new Set(his));
  });

  /** All that a word of every ticket finds, page by page. */
  async function pages(more: string, as: string): Promise<string[]> {
    const seen: string[] = [];
    let cursor: string | null = '';
    while (cursor !== null) {
      const path: string = `/api/v1/tickets?q=subject&limit=30${more}${cursor && `&cursor=${cursor}`}`;
      const { status, body } = await api.ask('GET', path, { key: as });
      expect([path, status]).toEqual([path, 200]);
      seen.push(...body.items.map(({ id }: { id: string }) => id));
      cursor = body.nextCursor;
    }
    return seen;
  }
});
