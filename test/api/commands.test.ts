import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { nameCommand } from '../../api/command.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';
import { addTickets } from './rows.ts';
import { type Answer, startApi, type TestApi } from './support.ts';

let desk: TestTickets;
let api: TestApi;
let key: string;
let userId: string;
beforeAll(async () => {
  desk = await startTickets();
  api = await startApi({ db: desk.db, client: desk.client, prefix: desk.prefix });
  ({ key, userId } = await api.newKey('agent'));
});
afterAll(async () => {
  await api.close();
  await desk.stop();
});

const ticket = { subject: 'Invoice 7', body: 'Charged twice', requester: { email: 'Ada@Example.com', name: 'Ada' } };

const post = (path: string, json: unknown, headers: Record<string, string> = {}) =>
  api.ask('POST', `/api/v1${path}`, { key, json, headers });
const get = (path: string) => api.ask('GET', `/api/v1${path}`, { key });
const idempotent = (name: string = randomUUID()) => ({ 'Idempotency-Key': name });

async function count(table: string, where = 'true'): Promise<number> {
  const { rows } = await desk.db.pool.query<{ n: number }>(
    `select count(*)::integer as n from ${table} where ${where}`,
  );
  return rows[0]?.n ?? 0;
}

async function openTicket(): Promise<string> {
  const { status, body } = await post('/tickets', ticket);
  expect(status).toBe(201);
  return body.id;
}

/** The ticket once it is open and its draft is proposed. */
async function withDraft(): Promise<{ id: string; draftId: string }> {
  const id = await openTicket();
  const draft = await vi.waitUntil(
    async () => {
      const [{ body: shown }, { body: drafts }] = await Promise.all([
        get(`/tickets/${id}`),
        get(`/tickets/${id}/drafts`),
      ]);
      return shown.status === 'open' ? drafts.items[0] : undefined;
    },
    { timeout: 20_000 },
  );
  return { id, draftId: draft.id };
}

describe('opening a ticket', () => {
  test('answers it recorded, with where it is and its version, and the ledger knows it', async () => {
    const { status, headers, body } = await post('/tickets', { ...ticket, priority: 'high' });
    expect(status).toBe(201);
    expect(headers.get('location')).toBe(`/api/v1/tickets/${body.id}`);
    expect(headers.get('etag')).toBe(`"${body.version}"`);
    expect(body).toMatchObject({
      subject: 'Invoice 7',
      priority: 'high',
      channel: 'api',
      requester: { email: 'ada@example.com', name: 'Ada' },
    });
    expect(body.sla.firstResponse).toMatchObject({ state: 'running', atRisk: false });
    expect(await count('inbox', `ticket_id = '${body.id}' and state = 'applied' and source = 'api'`)).toBe(1);
  });

  test('again with the same key and body answers the same, word for word, and opens nothing', async () => {
    const headers = idempotent();
    const first = await post('/tickets', ticket, headers);
    const before = await count('tickets');
    const again = await post('/tickets', ticket, headers);
    expect([again.status, again.body]).toEqual([201, first.body]);
    expect(Object.keys(again.body)).toEqual(Object.keys(first.body));
    for (const name of ['location', 'etag', 'content-type']) {
      expect(again.headers.get(name)).toBe(first.headers.get(name));
    }
    expect(first.headers.get('idempotency-replayed')).toBeNull();
    expect(again.headers.get('idempotency-replayed')).toBe('true');
    expect(await count('tickets')).toBe(before);
  });

  test('with a key that was used for another body or path is refused, and another principal may use it', async () => {
    const headers = idempotent();
    const { body } = await post('/tickets', ticket, headers);
    const before = await count('tickets');
    for (const [path, json] of [
      ['/tickets', { ...ticket, subject: 'Other' }],
      [`/tickets/${body.id}/status`, ticket],
    ] as const) {
      const answer = await post(path, path === '/tickets' ? json : { status: 'resolved' }, headers);
      expect([answer.status, answer.body.code]).toEqual([422, 'idempotency_mismatch']);
    }
    expect(await count('tickets')).toBe(before);
    const other = await api.newKey('agent');
    const theirs = await api.ask('POST', '/api/v1/tickets', { key: other.key, json: ticket, headers });
    expect([theirs.status, theirs.body.id === body.id]).toEqual([201, false]);
  });

  test('twenty times at once with one key opens one ticket; the others wait or get the same answer', async () => {
    const headers = idempotent();
    const before = await count('tickets');
    const answers = await Promise.all(Array.from({ length: 20 }, () => post('/tickets', ticket, headers)));
    const opened = answers.filter(({ status }) => status === 201);
    expect(new Set(opened.map(({ body }) => body.id)).size).toBe(1);
    const others = answers.filter(({ status }) => status !== 201);
    expect(others.map(({ status, body }) => [status, body.code])).toEqual(
      others.map(() => [409, 'request_in_progress']),
    );
    expect(others.every(({ headers: given }) => given.get('retry-after') === '1')).toBe(true);
    expect(await count('tickets')).toBe(before + 1);
    expect((await post('/tickets', ticket, headers)).body.id).toBe(opened[0]?.body.id);
  });

  test('a repeat after a process that died in the middle finds the same ticket', async () => {
    const headers = idempotent();
    const first = await post('/tickets', ticket, headers);
    // As if the answer had never been kept, half a minute ago.
    await desk.db.pool.query(
      `update idempotency_keys set status = null, body = null, created_at = now() - interval '31 seconds' where key = $1`,
      [headers['Idempotency-Key']],
    );
    const before = await count('tickets');
    const again = await post('/tickets', ticket, headers);
    expect([again.status, again.body.id]).toEqual([201, first.body.id]);
    expect(await count('tickets')).toBe(before);
  });

  test('with a key that is too long is 422', async () => {
    expect((await post('/tickets', ticket, idempotent('x'.repeat(256)))).status).toBe(422);
  });

  test('with a field that is wrong leaves the key free for the mended request', async () => {
    const headers = idempotent();
    expect((await post('/tickets', { ...ticket, subject: '' }, headers)).status).toBe(422);
    expect((await post('/tickets', ticket, headers)).status).toBe(201);
  });
});

describe('replying', () => {
  test('answers the message, which is then sent, and makes the replier the assignee', async () => {
    const { id } = await withDraft();
    const answer = await post(`/tickets/${id}/messages`, { body: 'We look into it.' });
    expect(answer.status).toBe(201);
    expect(answer.body).toMatchObject({
      direction: 'outbound',
      body: 'We look into it.',
      author: { kind: 'agent', id: userId, name: 'Ada' },
    });
    const path = answer.headers.get('location') ?? '';
    const sent = await vi.waitUntil(async () => {
      const { body } = await api.ask('GET', path, { key });
      return body.state === 'sent' ? body : undefined;
    });
    expect(sent.sentAt).toMatch(/Z$/);
    const { body: shown } = await get(`/tickets/${id}`);
    expect(shown).toMatchObject({ assignee: { id: userId, name: 'Ada' } });
    const { body: messages } = await get(`/tickets/${id}/messages?limit=1`);
    expect(messages.items).toMatchObject([
      { direction: 'inbound', author: { kind: 'customer', name: 'Ada' }, body: 'Charged twice' },
    ]);
    const rest = await get(`/tickets/${id}/messages?limit=1&cursor=${messages.nextCursor}`);
    expect(rest.body).toMatchObject({ items: [{ id: answer.body.id }], nextCursor: null });
  });

  test('twice with one key is one message', async () => {
    const id = await openTicket();
    const headers = idempotent();
    const [first, again] = [
      await post(`/tickets/${id}/messages`, { body: 'Once' }, headers),
      await post(`/tickets/${id}/messages`, { body: 'Once' }, headers),
    ];
    expect(again.body).toEqual(first.body);
    expect(await count('messages', `ticket_id = '${id}' and direction = 'outbound'`)).toBe(1);
  });

  test('to a closed ticket is refused, and its words are not kept', async () => {
    const { id } = await withDraft();
    expect((await post(`/tickets/${id}/status`, { status: 'closed' })).status).toBe(200);
    const answer = await post(`/tickets/${id}/messages`, { body: 'canary of a refused reply' });
    expect([answer.status, answer.body.code]).toEqual([409, 'ticket_closed']);
    expect(await count('texts', `body like 'canary of a refused%'`)).toBe(0);
  });
});

describe('deciding a draft', () => {
  test('edited is sent as edited, and a second decision is told who was first', async () => {
    const { id, draftId } = await withDraft();
    const path = `/tickets/${id}/drafts/${draftId}/decision`;
    const decided = await post(path, { decision: 'edit', body: 'Edited by Ada' });
    expect(decided.status).toBe(200);
    expect(decided.body).toMatchObject({
      state: 'edited',
      editedBody: 'Edited by Ada',
      decidedBy: { id: userId, name: 'Ada' },
    });
    const late = await post(path, { decision: 'approve' });
    expect([late.status, late.body.code]).toEqual([409, 'draft_stale']);
    expect(late.body).toMatchObject({ decision: 'edit', decidedBy: userId });
    const { body } = await get(`/tickets/${id}/messages`);
    expect(body.items.at(-1)).toMatchObject({ body: 'Edited by Ada', draftId });
  });

  test('by two at once is decided once', async () => {
    const { id, draftId } = await withDraft();
    const path = `/tickets/${id}/drafts/${draftId}/decision`;
    const answers = await Promise.all([post(path, { decision: 'approve' }), post(path, { decision: 'discard' })]);
    expect(answers.map(({ status }) => status).sort((a, b) => a - b)).toEqual([200, 409]);
  });

  test('of another ticket is 404', async () => {
    const [{ draftId }, other] = [await withDraft(), await openTicket()];
    expect((await post(`/tickets/${other}/drafts/${draftId}/decision`, { decision: 'approve' })).status).toBe(404);
  });
});

describe('setting the status', () => {
  test('takes an allowed step with its reason, and the timeline tells it', async () => {
    const { id } = await withDraft();
    const { headers: read } = await get(`/tickets/${id}`);
    const answer = await post(
      `/tickets/${id}/status`,
      { status: 'resolved', reason: 'Refunded' },
      { 'If-Match': read.get('etag') ?? '' },
    );
    expect([answer.status, answer.body.status]).toEqual([200, 'resolved']);
    expect(answer.headers.get('etag')).toBe(`"${answer.body.version}"`);
    const items: { type: string; sequence: number }[] = [];
    for (let cursor = ''; ;) {
      const { body } = await get(`/tickets/${id}/timeline?limit=3${cursor}`);
      items.push(...body.items);
      if (body.nextCursor === null) break;
      cursor = `&cursor=${body.nextCursor}`;
    }
    expect(items.map(({ sequence }) => sequence)).toEqual(items.map((_, i) => i + 1));
    expect(items.find(({ type }) => type === 'ticket.resolved')).toMatchObject({
      actor: { kind: 'agent', id: userId, name: 'Ada' },
      data: { from: 'open', reason: 'Refunded' },
    });
    expect(items.find(({ type }) => type === 'message.received')).toMatchObject({
      actor: { kind: 'customer', name: 'Ada' },
      data: { text: 'Charged twice', writtenAt: expect.stringMatching(/Z$/) },
    });
    expect(JSON.stringify(items)).not.toMatch(/[tT]extId/);
  });

  test('refuses a step that is not allowed, names the present status and the allowed steps, and changes nothing', async () => {
    const { id } = await withDraft();
    await post(`/tickets/${id}/status`, { status: 'resolved', reason: 'Done' });
    const before = await get(`/tickets/${id}`);
    const answer = await post(`/tickets/${id}/status`, { status: 'escalated', reason: 'canary of a refused step' });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({
      code: 'illegal_transition',
      status: 409,
      ticketStatus: 'resolved',
      allowed: ['open', 'closed'],
    });
    expect((await get(`/tickets/${id}`)).body.version).toBe(before.body.version);
    expect(await count('texts', `body like 'canary of a refused%'`)).toBe(0);
  });

  test('of a closed ticket is an illegal step, also when its workflow has ended', async () => {
    const { id } = await withDraft();
    const headers = idempotent();
    const closed = await post(`/tickets/${id}/status`, { status: 'closed', reason: 'Spam' }, headers);
    expect(closed.body.status).toBe('closed');
    await desk.client.workflow.getHandle(`ticket-${id}`).result();
    const answer = await post(`/tickets/${id}/status`, { status: 'open' });
    expect(answer.status).toBe(409);
    expect(answer.body).toMatchObject({ code: 'illegal_transition', ticketStatus: 'closed', allowed: [] });

    // The very command that closed it, sent again because its answer was lost, was taken: that is its answer.
    await desk.db.pool.query(
      `update idempotency_keys set status = null, body = null, created_at = now() - interval '31 seconds' where key = $1`,
      [headers['Idempotency-Key']],
    );
    const again: Answer = await post(`/tickets/${id}/status`, { status: 'closed', reason: 'Spam' }, headers);
    expect([again.status, again.body.status]).toEqual([200, 'closed']);
    const { body } = await get(`/tickets/${id}/timeline`);
    const closings = body.items.filter((one: { type: string }) => one.type === 'ticket.closed');
    expect(closings).toMatchObject([{ data: { reason: 'Spam' } }]);
  });
});

test('a command that was taken is answered as taken, also when Temporal has forgotten its ticket', async () => {
  await addTickets(desk.db, 1, { people: 1 });
  const headers = idempotent();
  const { id: commandId } = nameCommand(userId, headers['Idempotency-Key']);
  await desk.db.pool.query(
    `update tickets set state = state || jsonb_build_object('status', 'closed', 'applied', jsonb_build_array($1::text))
     where number = 1`,
    [commandId],
  );
  const answer = await post('/tickets/T-1/status', { status: 'closed', reason: 'Kept' }, headers);
  expect([answer.status, answer.body.status]).toEqual([200, 'closed']);
  expect(await count('texts', `body = 'Kept'`)).toBe(1);
  const other = await post('/tickets/T-1/status', { status: 'open' }, idempotent());
  expect([other.status, other.body.code]).toEqual([409, 'illegal_transition']);
});

test('the workflow of a ticket is found by its run', async () => {
  const id = await openTicket();
  const { body } = await get(`/tickets/${id}/workflow`);
  const { runId } = await desk.client.workflow.getHandle(`ticket-${id}`).describe();
  expect(body).toEqual({
    workflowId: `ticket-${id}`,
    runId,
    url: `http://127.0.0.1:8233/namespaces/default/workflows/ticket-${id}`,
  });
});
