import { connect } from 'node:net';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createLoad } from '../../api/load.ts';
import { openDatabase } from '../../db/orm.ts';
import { createDatabase } from '../support/database.ts';
import { addTickets } from './rows.ts';
import { calm, slowSender } from './slow-sender.ts';
import { type Parts, startApi, type TestApi } from './support.ts';

const opened: TestApi[] = [];
afterEach(async () => {
  await Promise.all(opened.splice(0).map((api) => api.close()));
});

async function start(parts: Parts = {}): Promise<TestApi> {
  const api = await startApi(parts);
  opened.push(api);
  return api;
}

describe('what does not arrive in time, or is too long', () => {
  test('a body that trickles is refused, and its connection ends', async () => {
    const load = createLoad({ requests: 9, bodyBytes: 1024, bodyMs: 200 }, calm);
    const api = await start({ load });
    const { key } = await api.newKey('lead');
    const sender = slowSender(api, key, 100);
    sender.write(10);
    await vi.waitFor(() => expect(sender.answer()).toBe(408));
    await vi.waitFor(() => expect(sender.closed()).toBe(true));
    expect([load.requests, load.bodyBytes]).toEqual([0, 0]);
  });

  test('a sender who goes away half-way leaves nothing behind', async () => {
    const load = createLoad({ requests: 9, bodyBytes: 1024, bodyMs: 20_000 }, calm);
    const api = await start({ load });
    const { key } = await api.newKey('lead');
    const sender = slowSender(api, key, 100);
    sender.write(10);
    await vi.waitFor(() => expect(load.bodyBytes).toBe(10));
    sender.leave();
    await vi.waitFor(() => expect([load.requests, load.bodyBytes]).toEqual([0, 0]));
  });

  test('a long query string is 414', async () => {
    const api = await start();
    const answer = await api.ask('GET', `/api/v1/openapi.json?q=${'x'.repeat(4096)}`);
    expect([answer.status, answer.body.code]).toEqual([414, 'uri_too_long']);
  });

  test.each([
    [
      'headers beyond 16 KiB',
      `GET /livez HTTP/1.1\r\nHost: desk\r\nX-Long: ${'x'.repeat(17 * 1024)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['no HTTP', 'Hello, is anybody there?\r\n\r\n', 400, 'invalid_http'],
  ])('%s are answered as problem+json', async (_name, bytes, status, code) => {
    const api = await start();
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    socket.end(bytes);
    const [head = '', body = ''] = (await text(socket)).split('\r\n\r\n');
    expect(head).toContain(`HTTP/1.1 ${status} `);
    expect(head).toContain('application/problem+json');
    expect(JSON.parse(body)).toMatchObject({ status, code, detail: expect.stringMatching(/\.$/) });
  });

  test('a statement that the database does not end in time is 503, and the desk goes on', async () => {
    const url = await createDatabase();
    const db = await openDatabase(url, { statementMs: 300 });
    const api = await start({ db });
    const locker = new pg.Client({ connectionString: url });
    try {
      const { key } = await api.newKey('lead');
      await addTickets(db, 1);
      await locker.connect();
      await locker.query('begin; lock table tickets in access exclusive mode');
      const answer = await api.ask('GET', '/api/v1/tickets', { key });
      expect([answer.status, answer.body.code]).toEqual([503, 'database_unavailable']);
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
      await locker.query('rollback');
      expect((await api.ask('GET', '/api/v1/tickets', { key })).status).toBe(200);
    } finally {
      await locker.end();
      await api.close();
      opened.splice(0);
      await db.close();
    }
  });
});
