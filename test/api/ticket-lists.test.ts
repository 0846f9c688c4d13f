import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { startTicketDesk, type TicketDesk } from './ticket-desk.ts';

const HOUR = 3_600_000;
let on: TicketDesk;

beforeAll(async () => {
  on = await startTicketDesk();
  const each = (ms: number) => JSON.stringify({ low: ms, normal: ms, high: ms, urgent: ms });
  await on.desk.db.pool.query(
    `insert into sla_policies (id, position, name, filter, targets, warn_at) values
       ('late', -1, 'Late at once', '{"tag": ["late"]}', $1, '[]'),
       ('soon', 0, 'At risk at once', '{"tag": ["soon"]}', $2, '[0.0000001]')`,
    [
      `{"firstResponse": ${each(200)}, "nextResponse": null, "resolution": null}`,
      `{"firstResponse": ${each(HOUR)}, "nextResponse": null, "resolution": null}`,
    ],
  );
  await on.desk.db.pool.query('update settings_version set version = version + 1');
});
afterAll(() => on.close());

async function listed(query: string): Promise<string[]> {
  const { status, body } = await on.get(`/tickets${query}`);
  expect([query, status]).toEqual([query, 200]);
  return body.items.map(({ id }: { id: string }) => id);
}

describe('a list by filter', () => {
  test('shows the tickets of a team, a type, a tag or a channel, alone and together', async () => {
    const [refund, parcel] = [
      await on.open({ supportType: 'refund', tags: ['vip', 'eu'] }),
      await on.open({ supportType: 'lost-parcel', tags: ['eu'] }),
    ];
    expect(await listed('?team=billing')).toEqual([refund.id]);
    expect(await listed('?supportType=lost-parcel')).toEqual([parcel.id]);
    expect(await listed('?tag=eu')).toEqual([parcel.id, refund.id]);
    expect(await listed('?tag=e')).toEqual([]);
    expect(await listed('?tag=eu&team=billing&status=open&channel=api&priority=normal')).toEqual([refund.id]);
    expect(await listed('?channel=front')).toEqual([]);
    const page = await on.get('/tickets?tag=eu&limit=1');
    expect(await listed(`?tag=eu&limit=1&cursor=${page.body.nextCursor}`)).toEqual([refund.id]);
    const other = await on.get(`/tickets?tag=vip&limit=1&cursor=${page.body.nextCursor}`);
    expect([other.status, other.body.code]).toEqual([400, 'invalid_cursor']);
    await Promise.all([refund, parcel].map(({ id }) => on.remove(`/tickets/${id}`)));
  });

  test('shows what is at risk and what is late, until what was due is done', async () => {
    const [late, soon, calm] = [await on.open({ tags: ['late'] }), await on.open({ tags: ['soon'] }), await on.open()];
    await vi.waitUntil(async () => (await on.story(late.id)).includes('sla.breached'), { timeout: 20_000 });
    await vi.waitUntil(async () => (await on.story(soon.id)).includes('sla.warned'), { timeout: 20_000 });
    expect(await listed('?sla=breached')).toEqual([late.id]);
    expect(await listed('?sla=at_risk')).toEqual([soon.id]);
    for (const { id } of [late, soon, calm]) {
      const { body } = await on.get(`/tickets/${id}`);
      expect(body.sla.firstResponse.atRisk).toBe(id === soon.id);
    }
    await on.post(`/tickets/${soon.id}/status`, { status: 'on_hold' });
    expect(await listed('?sla=at_risk')).toEqual([]);
    const { body: message } = await on.post(`/tickets/${late.id}/messages`, { body: 'Sorry for the wait.' });
    await vi.waitUntil(async () => (await on.get(`/tickets/${late.id}/messages/${message.id}`)).body.state === 'sent', {
      timeout: 20_000,
    });
    expect(await listed('?sla=breached')).toEqual([]);
    await Promise.all([late, soon, calm].map(({ id }) => on.remove(`/tickets/${id}`)));
  });

  test.each(['team=No+Team', 'supportType=', 'channel=fax', 'tag=Not%20one', 'sla=late', 'q=', 'sort=best'])(
    'that does not fit is refused: %s',
    async (query) => {
      const answer = await on.get(`/tickets?${query}`);
      expect([answer.status, answer.body.errors[0].path]).toEqual([422, query.split('=')[0]]);
    },
  );
});

test('what nobody has is listed by its deadline, those without one last, and nothing that is done', async () => {
  const taken = await on.open({ supportType: 'other' });
  await on.post(`/tickets/${taken.id}/assign`, { agentId: on.userId });
  const done = await on.open({ supportType: 'other' });
  await on.post(`/tickets/${done.id}/status`, { status: 'resolved' });
  const [low, urgent, high] = [
    await on.open({ priority: 'low' }),
    await on.open({ priority: 'urgent' }),
    await on.open({ priority: 'high' }),
  ];
  const paused = await on.open({ priority: 'urgent' });
  await on.post(`/tickets/${paused.id}/status`, { status: 'on_hold' });
  const other = await on.open({ priority: 'urgent' });
  await on.post(`/tickets/${other.id}/status`, { status: 'pending' });
  const seen: string[] = [];
  for (let cursor: string | null = ''; cursor !== null;) {
    const { body } = await on.get(`/tickets/unassigned?limit=2${cursor && `&cursor=${cursor}`}`);
    seen.push(...body.items.map(({ id }: { id: string }) => id));
    cursor = body.nextCursor;
  }
  expect(seen).toEqual([urgent.id, high.id, low.id, ...[paused.id, other.id].sort()]);
  expect((await on.get('/tickets/unassigned?cursor=x')).body.code).toBe('invalid_cursor');
});
