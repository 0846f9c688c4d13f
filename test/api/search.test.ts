import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { searchStatement } from '../../api/reads/search.ts';
import { searchQuery, termsOf } from '../../api/reads/search-words.ts';
import type { Viewer } from '../../domain/scope.ts';
import { EVERYTHING } from '../../domain/scope.ts';
import { addCustomer, addTicket, say } from './said.ts';
import { addTickets } from './rows.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());

const note = (body: string) => ({ direction: 'internal', state: 'sent', body }) as const;
const reply = (body: string, state = 'sent') => ({ direction: 'outbound', state, body }) as const;

async function found(typed: string, more = '', as = key): Promise<string[]> {
  const { status, body } = await api.ask('GET', `/api/v1/tickets?q=${encodeURIComponent(typed)}${more}`, { key: as });
  expect([typed, status, body.detail]).toEqual([typed, 200, undefined]);
  return body.items.map(({ id }: { id: string }) => id);
}

describe('a search', () => {
  test('finds a ticket by its subject, its messages, its notes, its customer and its references', async () => {
    const requesterId = await addCustomer(api.db, 'Wilhelmina Müller-Öztürk', 'mina.oz@bakery.example');
    const { id, reference } = await addTicket(api.db, {
      subject: 'The sourdough arrived stale',
      said: ['It tasted of cardboard.', reply('We bake another.'), note('Third time for this baker')],
      requesterId,
      state: { channel: 'front', conversationId: 'cnv_zq81x' },
    });
    await addTicket(api.db, { subject: 'Another', said: ['of nothing'] });
    for (const typed of [
      'sourdough',
      'STALE sourdough',
      'cardboard',
      'bake another',
      'third baker',
      'stale cardboard baker',
      'wilhelmina',
      'Muller-Ozturk',
      'müller öztürk',
      'mina.oz@bakery.example',
      'bakery.example',
      reference,
      reference.toLowerCase(),
      reference.slice(2),
      'cnv_zq81x',
      '"tasted of cardboard"',
      'sourdough -paypal',
      'nosuchword or sourdough',
    ]) {
      expect([typed, await found(typed)]).toEqual([typed, [id]]);
    }
    for (const typed of ['sourdough -stale', '"cardboard of"', 'sourdough nosuchword', '!!!', '-', '""', '\u{1F600}']) {
      expect([typed, await found(typed)]).toEqual([typed, []]);
    }
  });

  test('finds a word that is being typed, and one that is misspelt', async () => {
    const requesterId = await addCustomer(api.db, 'Ingeborg Thistlewood', 'ingeborg@thistle.example');
    const { id } = await addTicket(api.db, {
      subject: 'Hovercraft full of eels',
      said: ['Please vacuum it.'],
      requesterId,
    });
    for (const typed of ['hoverc', 'eels vacu', 'hovercarft', 'hovrcraft', 'vaccum eels', 'Thistelwood', 'ingborg']) {
      expect([typed, await found(typed)]).toEqual([typed, [id]]);
    }
    expect(await found('"hoverc"')).toEqual([]);
    expect(await found('hovercraft -eel')).toEqual([id]);
    const other = await addTicket(api.db, { subject: 'Hovercrat', state: { status: 'pending' } });
    expect(await found('hovercrat')).toEqual([other.id]);
    expect(await found('hovercrat', '&status=open')).toEqual([id]);
  });

  test('puts what was typed before what is like it', async () => {
    const [plural, exact] = [
      await addTicket(api.db, { subject: 'Marmalades' }),
      await addTicket(api.db, { subject: 'Nothing', said: ['marmalade'], age: 30 }),
    ];
    expect(await found('marmalade')).toEqual([exact.id, plural.id]);
  });

  test('puts subject and customer above what was said, and newer above older', async () => {
    const requesterId = await addCustomer(api.db, 'Zeno Quillfeather', 'zeno@example.com');
    const body = await addTicket(api.db, { said: ['I saw Quillfeather, quillfeather and quillfeather'] });
    const subject = await addTicket(api.db, { subject: 'About quillfeather', age: 200 });
    const customer = await addTicket(api.db, { requesterId, age: 1 });
    const older = await addTicket(api.db, { said: ['I saw Quillfeather, quillfeather and quillfeather'], age: 20 });
    const ids = await found('quillfeather');
    expect(new Set(ids.slice(0, 2))).toEqual(new Set([subject.id, customer.id]));
    expect(ids.slice(2)).toEqual([body.id, older.id]);
  });

  test('puts the ticket first that is named by its reference, whoever else speaks of it', async () => {
    const { id, reference } = await addTicket(api.db, { subject: 'The original' });
    const other = await addTicket(api.db, { subject: `${reference} ${reference} again`, said: [`As in ${reference}`] });
    expect(await found(reference)).toEqual([id, other.id]);
  });

  test('is narrowed by every filter and by the order of what needs somebody next', async () => {
    const agent = await api.newKey('agent');
    const requesterId = await addCustomer(api.db, null, 'filter@example.com');
    const wanted = await addTicket(api.db, {
      subject: 'Periwinkle',
      requesterId,
      teamId: 'billing',
      supportTypeId: 'refund',
      tags: ['eu'],
      late: true,
      state: { priority: 'high', channel: 'front', assigneeId: agent.userId },
    });
    const other = await addTicket(api.db, { subject: 'Periwinkle', state: { status: 'pending' } });
    for (const filter of [
      'status=open',
      'priority=high',
      'channel=front',
      `assignee=${agent.userId.toUpperCase()}`,
      'team=billing',
      'supportType=refund',
      'tag=eu',
      'sla=breached',
      `customer=${requesterId.toUpperCase()}`,
      'customer=Filter@example.com',
      'sort=next',
    ]) {
      expect([filter, await found('periwinkle', `&${filter}`)]).toEqual([filter, [wanted.id]]);
    }
    expect(await found('periwinkle', '&assignee=none')).toEqual([other.id]);
    expect(await found('periwinkle', '&assignee=me', agent.key)).toEqual([wanted.id]);
    expect(await found('periwinkle', '&status=open&priority=high&team=billing&tag=eu&sla=breached')).toEqual([
      wanted.id,
    ]);
    expect(await found('periwinkle', '&sort=createdAt')).toEqual([wanted.id, other.id]);
    expect(await found('periwinkle', '&sla=at_risk')).toEqual([]);
    await api.db.pool.query(`update tickets set status = 'resolved', late = false, team_id = 'success' where id = $1`, [
      wanted.id,
    ]);
    expect(await found('periwinkle', '&status=open')).toEqual([]);
    expect(await found('periwinkle', '&status=resolved&team=success')).toEqual([wanted.id]);
  });

  test('is read page by page, each ticket once, with a cursor that holds for this search alone', async () => {
    const ids: string[] = [];
    for (let n = 0; n < 7; n += 1) ids.unshift((await addTicket(api.db, { subject: 'Dandelion', age: 7 - n })).id);
    for (const sort of ['', '&sort=createdAt', '&sort=-createdAt', '&sort=next']) {
      const seen: string[] = [];
      let pages = 0;
      for (let cursor: string | null = ''; cursor !== null && pages < 9; pages += 1) {
        const path: string = `/api/v1/tickets?q=dandelion&limit=3${sort}${cursor && `&cursor=${cursor}`}`;
        const { body } = await api.ask('GET', path, { key });
        seen.push(...body.items.map(({ id }: { id: string }) => id));
        cursor = body.nextCursor;
      }
      expect([sort, seen]).toEqual([sort, sort === '' || sort === '&sort=-createdAt' ? ids : ids.toReversed()]);
    }
    const { body } = await api.ask('GET', '/api/v1/tickets?q=dandelion&limit=3', { key });
    const other = await api.ask('GET', `/api/v1/tickets?q=dandelions&limit=3&cursor=${body.nextCursor}`, { key });
    expect([other.status, other.body.code]).toEqual([400, 'invalid_cursor']);
  });

  test('is never a mistake, whatever is typed', async () => {
    const piece = fc.constantFrom(
      '"',
      '-',
      '(',
      ')',
      '!',
      '&',
      '|',
      '<->',
      ':*',
      "'",
      '\\',
      'or',
      'and',
      ' ',
      'é',
      'a.b@c',
      '%',
      '日本',
    );
    const typed = fc.oneof(
      fc.array(piece, { minLength: 1, maxLength: 12 }).map((all) => all.join('')),
      fc.string({ unit: 'grapheme' }),
    );
    await fc.assert(
      fc.asyncProperty(typed, async (words) => {
        const text = words.replaceAll('\u0000', '').slice(0, 100);
        if (text.trim() === '') return;
        const { status } = await api.ask('GET', `/api/v1/tickets?q=${encodeURIComponent(text.toWellFormed())}`, {
          key,
        });
        expect([text, status]).toEqual([text, 200]);
      }),
      { numRuns: 150 },
    );
    for (const q of ['', '%20', '%00', 'x'.repeat(201)]) {
      const { status, body } = await api.ask('GET', `/api/v1/tickets?q=${q}`, { key });
      expect([status, body.errors[0].path]).toEqual([422, 'q']);
    }
    expect(termsOf('a -"b c" or "d')).toEqual([
      { said: 'a', not: false, phrase: false, alternative: 0 },
      { said: 'b c', not: true, phrase: true, alternative: 0 },
      { said: 'd', not: false, phrase: true, alternative: 1 },
    ]);
  });
});

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
});

describe('what is searched follows what is written', () => {
  test('a reply is found once it went out, a changed subject and customer at once, by the new words only', async () => {
    const { pool } = api.db;
    const requesterId = await addCustomer(api.db, 'Old Oleander', 'oleander@example.com');
    const { id } = await addTicket(api.db, { subject: 'Snapdragon', requesterId });
    const { messageId } = await say(api.db, id, reply('foxglove', 'scheduled'));
    expect(await found('foxglove')).toEqual([]);
    await pool.query(`update messages set state = 'sending' where id = $1`, [messageId]);
    expect(await found('foxglove')).toEqual([]);
    await pool.query(`update messages set state = 'sent' where id = $1`, [messageId]);
    expect(await found('foxglove')).toEqual([id]);
    await pool.query(`update tickets set subject = 'Hollyhock' where id = $1`, [id]);
    await pool.query(`update customers set name = 'New Narcissus', email = 'n@example.com' where id = $1`, [
      requesterId,
    ]);
    expect(await found('hollyhock narcissus foxglove')).toEqual([id]);
    for (const typed of ['snapdragon', 'oleander']) expect([typed, await found(typed)]).toEqual([typed, []]);
  });

  test('overwritten and deleted words are gone from everything that is kept for searching', async () => {
    const { pool } = api.db;
    const requesterId = await addCustomer(api.db, 'Canaryname', 'canaryaddress@example.com');
    const { id } = await addTicket(api.db, { subject: 'Canarysubject', requesterId, said: ['shared word stays'] });
    const overwritten = await say(api.db, id, 'canarybody shared');
    const deleted = await say(api.db, id, note('canarynote'));
    const kept = async () => {
      const { rows } = await pool.query<{ word: string }>(
        `select word from known_words where word like 'canary%'
         union select w from ticket_words, unnest(tsvector_to_array(words)) w where w like 'canary%' order by 1`,
      );
      return rows.map(({ word }) => word);
    };
    expect(await kept()).toEqual(['canaryaddress', 'canarybody', 'canaryname', 'canarynote', 'canarysubject']);
    await pool.query(`update texts set body = '' where id = $1`, [overwritten.textId]);
    await pool.query('delete from messages where id = $1', [deleted.messageId]);
    await pool.query('delete from texts where id = $1', [deleted.textId]);
    await pool.query(`update tickets set subject = '(erased)' where id = $1`, [id]);
    await pool.query(`update customers set name = null, email = 'erased-1@erased.invalid' where id = $1`, [
      requesterId,
    ]);
    expect(await kept()).toEqual([]);
    expect(await found('shared')).toEqual([id]);
    expect(await found('"shared word"')).toEqual([id]);
    expect(await found('shraed')).toEqual([id]);
  });

  test('a conversation of hundreds of messages is found by each, and a message costs no more at its end', async () => {
    const { id } = await addTicket(api.db, { subject: 'Endless' });
    for (let n = 0; n < 120; n += 1) await say(api.db, id, `message${n} about lilac${n}x`);
    for (const typed of ['endless message0', 'endless message119', 'lilac77x']) {
      expect([typed, await found(typed)]).toEqual([typed, [id]]);
    }
    const { rows } = await api.db.pool.query<{ part: number; texts: number }>(
      'select part, texts from ticket_words where ticket_id = $1 order by part',
      [id],
    );
    expect(rows.map(({ texts }) => texts)).toEqual([50, 50, 20]);
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
});
