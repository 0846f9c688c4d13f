import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { CANARIES, type MatrixDesk, type MatrixTicket, startMatrixDesk } from './matrix-desk.ts';
import type { Person } from './matrix.ts';
import type { Answer } from './support.ts';

const WORDS = [...CANARIES.ticket, ...CANARIES.inside];

let desk: MatrixDesk;
let hidden: MatrixTicket;
/** A ticket that the agent out of scope sees. */
let own: { id: string };
let version: unknown;
beforeAll(async () => {
  desk = await startMatrixDesk();
  hidden = await desk.newTicket();
  own = await desk.on.open({ supportType: 'bug' });
  version = (await desk.on.get(`/tickets/${hidden.id}`)).body.version;
}, 60_000);
afterAll(() => desk.close());

function as(person: Person, method: string, path: string, json?: unknown): Promise<Answer> {
  const key = desk.credential[person];
  return desk.on.api.ask(method, `/api/v1${path}`, {
    ...(key !== null && { key }),
    ...(json !== undefined && { json }),
  });
}

function expectNothingTold({ body }: Answer): void {
  const text = JSON.stringify(body).toLowerCase();
  expect(WORDS.filter((word) => text.includes(word))).toEqual([]);
}

describe('an agent who does not see a ticket, and knows its id,', () => {
  test('sees the tickets of the own scope', async () => {
    expect((await as('outOfScope', 'GET', `/tickets/${own.id}`)).status).toBe(200);
    const { body } = await as('outOfScope', 'GET', '/tickets');
    expect(body.items.map(({ id }: { id: string }) => id)).toEqual([own.id]);
  });

  test.each([
    ['merging into it', 'merge', () => ({ into: hidden.id })],
    ['linking with it', 'links', () => ({ ticket: hidden.id, kind: 'related' })],
    ['splitting its messages off another', 'split', () => ({ messageIds: [hidden.messageId], subject: 'Mine' })],
  ])('is refused %s as if it were not there', async (_what, step, json) => {
    const answer = await as('outOfScope', 'POST', `/tickets/${own.id}/${step}`, json());
    expect([answer.status, answer.body.code]).toEqual([422, 'invalid_request']);
    expectNothingTold(answer);
  });

  test('is refused deciding its draft and taking its message back by way of another ticket', async () => {
    const decision = { decision: 'approve' };
    const paths = [`drafts/${hidden.draftId}/decision`, `messages/${hidden.messageId}/undo`];
    for (const path of paths) {
      const answer = await as('outOfScope', 'POST', `/tickets/${own.id}/${path}`, path.startsWith('d') ? decision : {});
      expect([path, answer.status]).toEqual([path, 404]);
      expectNothingTold(answer);
    }
  });

  test('changes the own one of two in bulk, and is told that the other is not there', async () => {
    const command = { type: 'tags', tags: ['mine'] };
    const { body } = await as('outOfScope', 'POST', '/tickets/bulk', { ids: [own.id, hidden.id], command });
    expect(body.results).toMatchObject([
      { id: own.id, ok: true },
      { id: hidden.id, ok: false, error: { code: 'not_found' } },
    ]);
  });

  test.each([
    () => `/tickets?customer=${desk.customerId}`,
    () => '/tickets?customer=canary-requester@example.com',
    () => '/tickets?tag=canary-tag',
    () => '/tickets?team=billing',
    () => '/tickets?supportType=refund',
    () => '/tickets?q=canary',
    () => '/tickets?sort=next&team=billing',
    () => '/tickets/unassigned',
    () => '/sla/breaches',
    () => '/sla/at-risk',
    () => '/customers',
    () => '/customers?email=canary-requester@example.com',
    () => `/customers?organisation=${desk.organisationId}`,
    () => '/organisations',
    () => `/agents/${desk.agentId}/queue`,
  ])('finds nothing of it by a filter (%#)', async (path) => {
    const answer = await as('outOfScope', 'GET', path());
    expect([path(), answer.status === 200 || answer.status === 404]).toEqual([path(), true]);
    expectNothingTold(answer);
  });

  test('goes on from a lead’s cursor within the own scope', async () => {
    const { body: page } = await as('lead', 'GET', '/tickets?limit=1');
    const answer = await as('outOfScope', 'GET', `/tickets?limit=1&cursor=${encodeURIComponent(page.nextCursor)}`);
    expect(answer.status).toBe(200);
    expectNothingTold(answer);
  });

  test('opens no ticket in the name of a customer who is not seen', async () => {
    const requester = { email: 'canary-requester@example.com' };
    const answer = await as('outOfScope', 'POST', '/tickets', { subject: 'A', body: 'B', requester });
    expect([answer.status, answer.body.errors]).toMatchObject([403, [{ path: 'requester.email' }]]);
    expectNothingTold(answer);
  });

  test('sees it once a lead has given it to that agent, and no more once it is taken away', async () => {
    const { body: me } = await as('outOfScope', 'GET', '/me');
    const { id } = await desk.newTicket();
    expect((await as('outOfScope', 'GET', `/tickets/${id}`)).status).toBe(404);
    expect((await as('lead', 'POST', `/tickets/${id}/assign`, { agentId: me.id })).status).toBe(200);
    expect((await as('outOfScope', 'GET', `/tickets/${id}`)).status).toBe(200);
    expect((await as('lead', 'POST', `/tickets/${id}/unassign`)).status).toBe(200);
    expect((await as('outOfScope', 'GET', `/tickets/${id}`)).status).toBe(404);
  });

  test('has changed nothing of it', async () => {
    expect((await desk.on.get(`/tickets/${hidden.id}`)).body.version).toBe(version);
  });
});

test('a key that was cut down sees nothing past its scope, also not what its user has in hand', async () => {
  const { key, userId, keyId } = await desk.on.api.newKey('agent');
  const { id } = await desk.newTicket();
  expect((await as('lead', 'POST', `/tickets/${id}/assign`, { agentId: userId })).status).toBe(200);
  expect((await desk.on.api.ask('GET', `/api/v1/tickets/${id}`, { key })).status).toBe(200);
  const scope = { supportTypes: null, teams: ['technical'], organisations: null };
  await desk.on.desk.db.pool.query('update api_keys set scope = $2 where id = $1', [keyId, scope]);
  await expect
    .poll(async () => (await desk.on.api.ask('GET', `/api/v1/tickets/${id}`, { key })).status, { timeout: 10_000 })
    .toBe(404);
});

describe('a customer', () => {
  test('reads what was said in public, and nothing that the desk keeps for itself', async () => {
    const { body: ticket } = await as('customer', 'GET', `/tickets/${hidden.id}`);
    expect(ticket).toMatchObject({ subject: 'canary-subject', tags: [], triage: null, team: null, workflow: null });
    const { body: messages } = await as('customer', 'GET', `/tickets/${hidden.id}/messages`);
    expect(messages.items.map(({ body }: { body: string }) => body)).toEqual(['canary-words']);
    const { body: notes } = await desk.on.get(`/tickets/${hidden.id}/notes`);
    expect((await as('customer', 'GET', `/tickets/${hidden.id}/messages/${notes.items[0].id}`)).status).toBe(404);
  });

  test.each(['tag=canary-tag', 'team=billing', 'priority=normal', 'assignee=none', 'sla=breached'])(
    'learns nothing of it by the filter %s',
    async (filter) => {
      expect((await as('customer', 'GET', `/tickets?${filter}`)).status).toBe(403);
    },
  );

  test('opens a ticket for himself, without what is for the desk to give', async () => {
    const json = { subject: 'A', body: 'B', requester: { email: 'canary-requester@example.com' } };
    expect((await as('customer', 'POST', '/tickets', json)).status).toBe(201);
    expect((await as('customer', 'POST', '/tickets', { ...json, priority: 'urgent' })).status).toBe(403);
    expect((await as('customer', 'POST', '/tickets', { ...json, tags: ['vip'] })).status).toBe(403);
    expect((await as('otherCustomer', 'POST', '/tickets', json)).status).toBe(403);
  });
});
