import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addCustomer, addTicket, note, reply, say, search } from './said.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;

beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
});
afterAll(() => api.close());

const found = (typed: string, more = '', as = key) => search(api, as, typed, more);

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
