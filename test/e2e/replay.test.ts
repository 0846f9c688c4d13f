import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { isOpen, type Reading, reading } from './reading.ts';

let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  desk = await startDesk();
  eyes = reading(desk);
});
afterAll(() => desk.stop());

interface Row {
  id: string;
  status: string;
}

const replay = (id: string) => desk.ask<{ replayed: number }>('POST', `/api/v1/inbox/${id}/replay`);
const settled = (id: string) =>
  eventually(async () => {
    const row = await desk.ask<Row>('GET', `/api/v1/inbox/${id}`);
    return row.status !== 'received' && row.status !== 'incomplete' && row.status;
  });

test('a preview that Front did not know becomes a ticket, with its text, once it is replayed', async () => {
  await desk.sim('front', 'PUT', 'faults', { path: '/messages/', status: 404, count: 1 });
  const { eventId } = await eyes.write('cnv_replayed', 'My kettle leaks.', { via: 'rule', preview: true });
  const row = await eventually(async () => {
    const found = await eyes.inbox(eventId);
    return found?.status === 'failed' && found;
  });
  expect((await replay(row.id)).replayed).toBe(1);
  const ticket = await eyes.ticketOf('cnv_replayed');
  expect(await eyes.messages(ticket.id)).toMatchObject([{ direction: 'inbound', body: 'My kettle leaks.' }]);
  expect(await settled(row.id)).toBe('applied');
});

test('a row that was applied changes nothing when it is replayed, whichever way it came', async () => {
  const byFront = await eyes.newTicket('cnv_again', 'Where is my parcel?', isOpen);
  const requester = { email: `${randomUUID()}@example.com` };
  const byApi = await desk.ask<{ id: string }>('POST', '/api/v1/tickets', { subject: 'Hi', body: 'Hello', requester });
  await eyes.ticket(byApi.id);
  const { items } = await desk.ask<{ items: (Row & { ticketId: string })[] }>('GET', '/api/v1/inbox?status=applied');
  for (const { id } of [byFront, byApi]) {
    const row = items.find(({ ticketId }) => ticketId === id);
    const before = await eventually(async () => {
      const story = await eyes.timeline(id);
      return story.some(({ type }) => type === 'draft.proposed') && story;
    });
    expect((await replay(row?.id ?? '')).replayed).toBe(1);
    expect(await settled(row?.id ?? '')).toBe('applied');
    expect(await eyes.timeline(id)).toEqual(before);
    expect(await eyes.messages(id)).toHaveLength(1);
  }
});
