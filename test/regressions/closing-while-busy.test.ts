import { afterAll, beforeAll, expect, test } from 'vitest';
import { startApi, type TestApi } from '../api/support.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';

let desk: TestTickets;
let api: TestApi;
let key: string;
beforeAll(async () => {
  desk = await startTickets();
  api = await startApi({ db: desk.db, client: desk.client, prefix: desk.prefix });
  ({ key } = await api.newKey('agent'));
});
afterAll(async () => {
  await api.close();
  await desk.stop();
});

// An activity that completes while its workflow does takes the workflow task down, and the update in it.
test('a ticket that is closed while it is triaged and drafted for is closed, and its closer is told so', async () => {
  const statuses = await Promise.all(
    Array.from({ length: 15 }, async (_, index) => {
      const requester = { email: `c${index}@example.com` };
      const opened = await api.ask('POST', '/api/v1/tickets', { key, json: { subject: 'S', body: 'B', requester } });
      const path = `/api/v1/tickets/${opened.body.id}`;
      const closed = await api.ask('POST', `${path}/status`, { key, json: { status: 'closed' } });
      const { body } = await api.ask('GET', path, { key });
      return [opened.status, closed.status, body.status];
    }),
  );
  expect(statuses).toEqual(statuses.map(() => [201, 200, 'closed']));
});
