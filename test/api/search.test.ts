import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { termsOf } from '../../api/reads/search-words.ts';
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
