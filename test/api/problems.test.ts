import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addTickets } from './rows.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let key: string;
beforeAll(async () => {
  api = await startApi();
  ({ key } = await api.newKey('lead'));
  await addTickets(api.db, 3);
});
afterAll(() => api.close());

const ticket = { subject: 'Hello', body: 'A question', requester: { email: 'ada@example.com' } };

describe('a request that cannot be taken', () => {
  test('is answered as problem+json with every standard member, and the request id', async () => {
    const answer = await api.ask('GET', '/api/v1/tickets/T-999', { key, headers: { 'X-Request-Id': 'my-request-1' } });
    expect(answer.headers.get('content-type')).toContain('application/problem+json');
    expect(answer.headers.get('x-request-id')).toBe('my-request-1');
    expect(answer.body).toEqual({
      type: 'https://holdfast.dev/errors/not_found',
      title: 'Not found',
      status: 404,
      detail: expect.stringContaining('T-999'),
      code: 'not_found',
      instance: '/api/v1/tickets/T-999',
    });
  });

  test('a malformed request id is replaced', async () => {
    const answer = await api.ask('GET', '/livez', { headers: { 'X-Request-Id': 'short' } });
    expect(answer.headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  test.each([
    '/',
    '/api',
    '/api/v1/nothing',
    '/api/v1/tickets/T-1/nothing',
    '/api/v1/tickets/%E0%A4%A',
    '/api/v1//tickets',
  ])('%s is 404', async (path) => {
    const answer = await api.ask('GET', path, { key });
    expect(answer.status).toBe(404);
    expect(answer.body.code).toBe('not_found');
  });

  test('another method is 405 and names those that the path takes', async () => {
    const answer = await api.ask('DELETE', '/api/v1/tickets', { key });
    expect(answer.status).toBe(405);
    expect(answer.headers.get('allow')).toBe('GET, POST, HEAD');
    expect(answer.body).toMatchObject({ code: 'method_not_allowed', allowed: ['GET', 'POST', 'HEAD'] });
    expect((await api.ask('GET', '/webhooks/front')).status).toBe(405);
  });

  test.each([
    ['cut JSON', '{"subject": "He', 'application/json', 400, 'invalid_json'],
    ['no body', '', 'application/json', 400, 'invalid_json'],
    ['a form', 'subject=Hello', 'application/x-www-form-urlencoded', 415, 'unsupported_media_type'],
    ['plain text', JSON.stringify(ticket), 'text/plain', 415, 'unsupported_media_type'],
    [
      'more than a mebibyte',
      JSON.stringify({ ...ticket, body: 'x'.repeat(1024 * 1024) }),
      'application/json',
      413,
      'body_too_large',
    ],
  ])('%s is refused', async (_name, raw, type, status, code) => {
    const answer = await api.ask('POST', '/api/v1/tickets', { key, raw, headers: { 'Content-Type': type } });
    expect(answer.status).toBe(status);
    expect(answer.body.code).toBe(code);
  });

  test('a body that grows past the limit without announcing its length is refused too', async () => {
    const chunk = new TextEncoder().encode('x'.repeat(64 * 1024));
    let sent = 0;
    const body = new ReadableStream({
      pull(controller) {
        sent += 1;
        if (sent > 40) controller.close();
        else controller.enqueue(chunk);
      },
    });
    const request = new Request(`${api.url}/api/v1/tickets`, {
      method: 'POST',
      headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
      body,
      duplex: 'half',
    });
    expect((await fetch(request)).status).toBe(413);
  });

  test.each([
    [{ ...ticket, subject: '' }, 'subject'],
    [{ ...ticket, subject: 'x'.repeat(301) }, 'subject'],
    [{ ...ticket, subject: 'a\u0000b' }, 'subject'],
    [{ ...ticket, body: '   ' }, 'body'],
    [{ ...ticket, requester: { email: 'nobody' } }, 'requester.email'],
    [{ ...ticket, requester: { email: 'ada@example.com', role: 'admin' } }, 'requester.role'],
    [{ ...ticket, status: 'closed' }, 'status'],
    [{ ...ticket, priority: 'asap' }, 'priority'],
    [{ ...ticket, channel: 'front' }, 'channel'],
    [[], ''],
  ])('a ticket with a wrong field is 422 and names the field: %#', async (json, path) => {
    const answer = await api.ask('POST', '/api/v1/tickets', { key, json });
    expect(answer.status).toBe(422);
    expect(answer.body.code).toBe('invalid_request');
    expect(answer.body.errors.map((one: { path: string }) => one.path)).toContain(path);
    const { rows } = await api.db.pool.query('select from inbox');
    expect(rows).toHaveLength(0);
  });

  test.each([
    'words=hello',
    'status=gone',
    'status=open&status=closed',
    'limit=0',
    'limit=101',
    'limit=ten',
    'sort=subject',
    'fields=secret',
    'assignee=you',
    "customer='; drop table tickets",
  ])('the query %s is 422', async (query) => {
    const answer = await api.ask('GET', `/api/v1/tickets?${query}`, { key });
    expect(answer.status).toBe(422);
    expect(answer.body.errors).toHaveLength(1);
  });

  test('If-Match that names an older version is 412, and nothing changes', async () => {
    const json = { status: 'resolved' };
    const answer = await api.ask('POST', '/api/v1/tickets/T-1/status', { key, json, headers: { 'If-Match': '"2"' } });
    expect(answer.status).toBe(412);
    expect(answer.body).toMatchObject({ code: 'precondition_failed', etag: '"3"' });
  });

  test('an edit without text, and a text without an edit, are 422', async () => {
    const path = '/api/v1/tickets/T-1/drafts/none/decision';
    for (const json of [{ decision: 'edit' }, { decision: 'approve', body: 'Hello' }, { decision: 'maybe' }]) {
      expect((await api.ask('POST', path, { key, json })).status).toBe(422);
    }
  });
});

describe('an answer', () => {
  test('has the headers that keep a browser from guessing and from keeping it', async () => {
    const { headers } = await api.ask('GET', '/api/v1/tickets/T-1', { key });
    expect(headers.get('x-content-type-options')).toBe('nosniff');
    expect(headers.get('cache-control')).toBe('no-store');
  });

  test('of what the caller has already is 304 without a body', async () => {
    const first = await api.ask('GET', '/api/v1/tickets/t-1', { key });
    expect(first.headers.get('etag')).toBe('"3"');
    const again = await api.ask('GET', '/api/v1/tickets/T-1', { key, headers: { 'If-None-Match': '"2", W/"3"' } });
    expect(again.status).toBe(304);
    expect(again.body).toBe('');
  });

  test('is logged with its request id, and without query values, bodies or credentials', async () => {
    await api.ask('GET', '/api/v1/tickets?customer=canary%40example.com', { key });
    await api.ask('POST', '/api/v1/tickets', { key, json: { subject: 'canary subject' } });
    const log = api.log.join('');
    expect(log).toContain('/api/v1/tickets');
    expect(log).not.toMatch(/canary/);
    expect(log).not.toContain(key);
  });

  test('of a fault of ours tells nothing about it, and the log tells all', async () => {
    const broken = await startApi({ db: api.db });
    await api.db.pool.query('alter table deliveries rename to deliveries_gone');
    try {
      const answer = await broken.ask('GET', '/api/v1/tickets/T-1/messages', { key });
      expect(answer.status).toBe(500);
      expect(answer.body.code).toBe('internal');
      expect(JSON.stringify(answer.body)).not.toContain('deliveries');
      expect(broken.log.join('')).toContain('deliveries');
    } finally {
      await api.db.pool.query('alter table deliveries_gone rename to deliveries');
      await broken.close();
    }
  });
});
