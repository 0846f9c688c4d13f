import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { acceptanceStatement } from '../../api/reads/acceptance.ts';
import { DESK } from '../../domain/scope.ts';
import { addDraft, triage, written } from './ai-rows.ts';
import { addTickets } from './rows.ts';
import { scopedKey } from './scoped-keys.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let lead: string;
beforeAll(async () => {
  api = await startApi();
  ({ key: lead } = await api.newKey('lead'));
});
afterAll(() => api.close());

const get = (path: string, as = lead) => api.ask('GET', `/api/v1/ai/${path}`, { key: as });

describe('how drafts were received', () => {
  const DAY = 24 * 3_600_000;
  const THEN = Date.UTC(2024, 5, 15);
  const range = `from=${new Date(THEN - DAY).toISOString()}&to=${new Date(THEN + DAY).toISOString()}`;
  beforeAll(async () => {
    const bug = (await written(api, { supportType: 'bug' })).ticketId;
    const billing = (await written(api, { triage: triage({ category: 'billing' }) })).ticketId;
    const untriaged = (await written(api, { triage: null })).ticketId;
    for (const [state, distance] of [
      ['approve', null],
      ['approve', null],
      ['edit', 10],
      ['edit', 25],
      ['edit', null],
      ['discard', null],
      ['stale', null],
      ['proposed', null],
    ] as const) {
      await addDraft(api, { ticketId: bug, state, distance, at: THEN });
    }
    await addDraft(api, { ticketId: billing, state: 'discard', at: THEN });
    await addDraft(api, { ticketId: untriaged, at: THEN - DAY });
    await addDraft(api, { ticketId: untriaged, at: THEN + DAY });
  });

  test('is counted by category, from the beginning of the range until before its end', async () => {
    const { status, body } = await get(`acceptance?${range}`);
    expect(status).toBe(200);
    const bug = { proposed: 8, approved: 2, edited: 3, discarded: 1, meanEditDistance: 17.5, share: 0.333 };
    const billing = { proposed: 1, approved: 0, edited: 0, discarded: 1, meanEditDistance: null, share: 0 };
    const untriaged = { proposed: 1, approved: 0, edited: 0, discarded: 0, meanEditDistance: null, share: null };
    expect(body.categories).toEqual([
      { category: 'billing', ...billing },
      { category: 'bug', ...bug },
      { category: null, ...untriaged },
    ]);
    expect(body.total).toEqual({ ...bug, proposed: 10, discarded: 2, share: 0.286 });
    const { key: scoped } = await scopedKey(api, 'lead', { supportTypes: ['bug'] });
    expect((await get(`acceptance?${range}`, scoped)).body.total).toMatchObject(bug);
  });

  test('of a range that is none, or too long, is refused and named', async () => {
    for (const [query, path] of [
      ['from=yesterday', 'from'],
      ['to=2026-02-30T00:00:00Z', 'to'],
      ['from=2026-01-02T00:00:00Z&to=2026-01-01T00:00:00Z', 'from'],
      ['from=2020-01-01T00:00:00Z', 'from'],
      ['since=2020', 'since'],
    ]) {
      const answer = await get(`acceptance?${query}`);
      expect([answer.status, answer.body.errors?.[0].path]).toEqual([422, path]);
    }
    expect((await get('acceptance')).status).toBe(200);
  });

  test('is read off the drafts of the range, however many there are', async () => {
    await addTickets(api.db, 2_000, { from: 40_000 });
    await api.db.pool.query(
      `with words as (insert into texts (id, body) values ('00000000-0000-4000-8000-000000000001', 'x')),
       said as (
         insert into messages (id, ticket_id, direction, author_kind, text_id, state, created_at)
         select md5('message ' || id)::uuid, id, 'inbound', 'customer', '00000000-0000-4000-8000-000000000001', 'received',
                now()
         from tickets where number >= 40000
       )
       insert into drafts (id, ticket_id, message_id, text_id, state, engine, confidence, created_at)
       select md5('draft ' || id || n)::uuid, id, md5('message ' || id)::uuid, '00000000-0000-4000-8000-000000000001',
              'approve', 'model', 0.5, now() - n * interval '1 day'
       from tickets, generate_series(1, 10) n where number >= 40000`,
    );
    await api.db.pool.query('analyze drafts');
    const { text, values } = acceptanceStatement(DESK, THEN, THEN + DAY);
    const { rows } = await api.db.pool.query<{ 'QUERY PLAN': string }>(`explain ${text}`, values);
    const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
    expect(plan).toContain('drafts_by_age');
    expect(plan).not.toMatch(/Seq Scan on (drafts|tickets)/);
  });
});
