import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTickets } from './rows.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;
let userId: string;
beforeAll(async () => {
  api = await startApi();
  ({ key, userId } = await api.newKey('agent'));
  await addTickets(api.db, 60);
});
afterAll(() => api.close());

const list = (query: string) => api.ask('GET', `/api/v1/tickets?${query}`, { key });

async function walk(query: string, between: () => Promise<void> = async () => undefined): Promise<string[]> {
  const seen: string[] = [];
  for (let cursor = ''; ;) {
    const { status, body } = await list(`${query}${cursor === '' ? '' : `&cursor=${cursor}`}`);
    expect(status).toBe(200);
    seen.push(...body.items.map((one: { reference: string }) => one.reference));
    if (body.nextCursor === null) return seen;
    cursor = body.nextCursor;
    await between();
  }
}

const references = (from: number, to: number) => Array.from({ length: to - from + 1 }, (_, i) => `T-${from + i}`);

describe('the list of tickets', () => {
  test('newest first is complete and without repeats while tickets are added', async () => {
    let next = 61;
    const seen = await walk('limit=7', async () => {
      await addTickets(api.db, 3, { from: next });
      next += 3;
    });
    expect(seen).toEqual(references(1, 60).toReversed());
    await api.db.pool.query('delete from tickets where number > 60');
  });

  test('oldest first meets the tickets that are added meanwhile', async () => {
    let added = false;
    const seen = await walk('limit=25&sort=createdAt', async () => {
      if (!added) await addTickets(api.db, 5, { from: 61 });
      added = true;
    });
    expect(seen).toEqual(references(1, 65));
    await api.db.pool.query('delete from tickets where number > 60');
  });

  test('filters by status, priority, customer and assignee, alone and together', async () => {
    expect(await walk('limit=100&status=open')).toHaveLength(15);
    expect(await walk('limit=4&status=open&priority=low')).toHaveLength(15);
    expect(await walk('status=open&priority=high')).toEqual([]);
    expect(await walk('limit=100&assignee=none')).toHaveLength(20);
    expect(await walk('customer=CUSTOMER2@example.com')).toEqual(['T-41', 'T-21', 'T-1']);
    expect(await walk('assignee=me')).toEqual([]);
    await api.db.pool.query('update tickets set assignee_id = $1 where number = 7', [userId]);
    expect(await walk('assignee=me')).toEqual(['T-7']);
    expect(await walk(`assignee=${userId}`)).toEqual(['T-7']);
  });

  test('a cursor is refused that was changed, cut, emptied, or made for another list', async () => {
    const { nextCursor } = (await list('limit=2&status=open')).body;
    const [payload = '', signature = ''] = nextCursor.split('.');
    const forged = Buffer.from(JSON.stringify(['2000-01-01', "x' or true"])).toString('base64url');
    const queries = [
      `status=open&cursor=${forged}.${signature}`,
      `status=open&cursor=${payload}.${signature.slice(0, -1)}`,
      `status=open&cursor=${payload}.`,
      `status=open&cursor=${payload}`,
      'status=open&cursor=',
      `status=open&cursor=${nextCursor}.`,
      `status=closed&cursor=${nextCursor}`,
      `status=open&sort=createdAt&cursor=${nextCursor}`,
      `cursor=${nextCursor}`,
    ];
    for (const query of queries) {
      const answer = await list(query);
      expect([query, answer.status, answer.body.code]).toEqual([query, 400, 'invalid_cursor']);
    }
    expect((await list(`limit=50&status=open&cursor=${nextCursor}`)).body.items).toHaveLength(13);
  });

  test('shows only the fields that are asked for', async () => {
    const { body } = await list('limit=1&fields=id,reference');
    expect(Object.keys(body.items[0]).sort()).toEqual(['id', 'reference']);
  });

  test('shows a ticket in the shape that is promised', async () => {
    const { body } = await api.ask('GET', '/api/v1/tickets/T-5', { key });
    const clock = {
      state: 'running',
      dueAt: '1970-01-01T02:00:00.000Z',
      remainingSeconds: expect.any(Number),
      atRisk: true,
    };
    expect(body).toEqual({
      id: expect.any(String),
      reference: 'T-5',
      subject: 'Subject 5',
      status: 'pending',
      priority: 'normal',
      severity: null,
      category: null,
      channel: 'front',
      supportType: null,
      tags: [],
      customFields: {},
      requester: { id: expect.any(String), name: 'Customer 6', email: 'customer6@example.com' },
      organisation: null,
      assignee: { id: expect.any(String), name: 'User 6' },
      team: null,
      version: 3,
      createdAt: expect.stringMatching(/Z$/),
      updatedAt: expect.stringMatching(/Z$/),
      firstResponseAt: null,
      resolvedAt: null,
      closedAt: null,
      snoozed: false,
      snoozedUntil: null,
      mergedInto: null,
      escalation: null,
      links: [],
      sla: { firstResponse: clock, nextResponse: null, resolution: null },
      triage: null,
      externalReferences: [{ source: 'front', id: 'cnv_5', url: 'https://app.frontapp.com/open/cnv_5' }],
      workflow: {
        workflowId: `ticket-${body.id}`,
        url: `http://127.0.0.1:8233/namespaces/default/workflows/ticket-${body.id}`,
      },
    });
    expect((await api.ask('GET', `/api/v1/tickets/${body.id}`, { key })).body.reference).toBe('T-5');
  });
});
