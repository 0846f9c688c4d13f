import { once } from 'node:events';
import { connect } from 'node:net';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { followBySocket, followByStream, refusalOf } from './live-desk.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let admin: { key: string; userId: string; keyId: string };

beforeAll(async () => {
  api = await startApi();
  admin = await api.newKey('admin');
});
afterAll(() => api.close());

describe('a handshake is refused', () => {
  test.for([
    ['without a credential', {}, 401, 'unauthenticated'],
    ['with a wrong key', { key: 'hf_wrong' }, 401, 'unauthenticated'],
    ['with a wrong token as subprotocol', { protocols: ['bearer', 'a.b.c'] }, 401, 'unauthenticated'],
  ] as const)('%s', async ([, ask, status, code]) => {
    const refusal = await refusalOf(api, admin.userId, {
      ...ask,
      protocols: [...('protocols' in ask ? ask.protocols : [])],
    });
    expect([refusal.status, refusal.type, refusal.body.code]).toEqual([status, 'application/problem+json', code]);
  });

  test('from a page of another site', async () => {
    for (const Origin of ['https://evil.example', 'null', api.url.replace('127.0.0.1', 'localhost')]) {
      const { status, body } = await refusalOf(api, admin.userId, { key: admin.key, headers: { Origin } });
      expect([status, body.code]).toEqual([403, 'forbidden']);
    }
  });

  test("in another agent's name, and by whoever may not follow", async () => {
    const [agent, integration] = [await api.newKey('agent'), await api.newKey('integration')];
    for (const [id, key] of [
      [admin.userId, agent.key],
      ['01a0fc1e-0000-7000-8000-000000000000', agent.key],
      [integration.userId, integration.key],
    ] as const) {
      expect((await refusalOf(api, id, { key })).status).toBe(403);
    }
  });

  test('beyond what one principal may have open, and one that is closed makes room', async () => {
    const few = await startApi({ db: api.db, live: { perPrincipal: 2 } });
    const ask = { key: admin.key };
    const [first, second] = [await followBySocket(few, admin.userId, ask), await followByStream(few, ask)];
    const refusal = await refusalOf(few, admin.userId, ask);
    expect([refusal.status, refusal.body.code]).toEqual([429, 'too_many_requests']);
    const agent = await api.newKey('agent');
    (await followBySocket(few, agent.userId, { key: agent.key })).close();
    first.close();
    await vi.waitUntil(() =>
      followBySocket(few, admin.userId, ask).then(
        () => true,
        () => false,
      ),
    );
    second.close();
    await few.close();
  });

  test('beyond what the process holds', async () => {
    const small = await startApi({ db: api.db, live: { all: 1 } });
    const first = await followBySocket(small, admin.userId, { key: admin.key });
    const refusal = await refusalOf(small, admin.userId, { key: admin.key });
    expect([refusal.status, refusal.body.code]).toEqual([503, 'overloaded']);
    first.close();
    await small.close();
  });

  test('when it is none, or not one of a WebSocket', async () => {
    const plain = await api.ask('GET', `/ws/agent/${admin.userId}`, { key: admin.key });
    expect([plain.status, plain.body.code, plain.headers.get('upgrade')]).toEqual([
      426,
      'upgrade_required',
      'websocket',
    ]);
    const lines = [
      `GET /ws/agent/${admin.userId} HTTP/1.1`,
      `host: ${new URL(api.url).host}`,
      `authorization: Bearer ${admin.key}`,
      'connection: upgrade',
      'upgrade: websocket',
    ];
    for (const more of [
      [],
      ['sec-websocket-key: short', 'sec-websocket-version: 13'],
      ['sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version: 8'],
    ]) {
      expect(await raw([...lines, ...more])).toMatch(/^HTTP\/1\.1 426 /);
    }
    const key = ['sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==', 'sec-websocket-version: 13'];
    expect(await raw([...lines, ...key, 'sec-websocket-protocol: ,,'])).toMatch(/^HTTP\/1\.1 400 /);
  });

  test('and a request that comes on its heels, or that merely asks for an upgrade, harms nobody', async () => {
    const head = ['GET /livez HTTP/1.1', 'host: desk'];
    const upgrade = ['connection: upgrade', 'upgrade: websocket'];
    expect(await raw([...head, 'connection: upgrade, http2-settings', 'upgrade: h2c'], 'closing')).toMatch(/ 200 /);
    expect(await raw([...head, ...upgrade])).toMatch(/^HTTP\/1\.1 200 /);
    await raw([...head, '', ...head, ...upgrade]);
    await raw([
      `GET /api/v1/tickets HTTP/1.1`,
      'host: desk',
      `authorization: Bearer ${admin.key}`,
      '',
      ...head,
      ...upgrade,
    ]);
    expect((await api.ask('GET', '/livez')).status).toBe(200);
  });
});

describe('a connection that breaks off', () => {
  const handshake = () => [
    `GET /ws/agent/${admin.userId} HTTP/1.1`,
    'host: desk',
    `authorization: Bearer ${admin.key}`,
    'connection: upgrade',
    'upgrade: websocket',
    'sec-websocket-key: AAAAAAAAAAAAAAAAAAAAAA==',
    'sec-websocket-version: 13',
  ];

  test('during the handshake, or while a stream is let in, keeps no seat', async () => {
    const few = await startApi({ db: api.db, live: { perPrincipal: 3 } });
    const stream = ['GET /api/v1/events HTTP/1.1', 'host: desk', `authorization: Bearer ${admin.key}`];
    for (const lines of [handshake(), stream]) {
      for (let count = 0; count < 12; count += 1) {
        const socket = connect(Number(new URL(few.url).port), '127.0.0.1');
        await once(socket, 'connect');
        socket.write([...lines, '', ''].join('\r\n'));
        if (count % 3 === 0) await new Promise((resolve) => socket.once('data', resolve));
        if (count % 3 === 1) await new Promise(setImmediate);
        socket.destroy();
        await vi.waitUntil(() => few.log.filter((line) => line.includes('"msg":"request"')).length > count % 3);
      }
    }
    const sockets = [];
    for (let count = 0; count < 3; count += 1) {
      const again = () => followBySocket(few, admin.userId, { key: admin.key });
      sockets.push(await vi.waitFor(again, { timeout: 10_000, interval: 50 }));
    }
    expect(sockets).toHaveLength(3);
    for (const socket of sockets) socket.close();
    await few.close();
  });

  test('with a frame that is none, sent along with the handshake, harms nobody', async () => {
    const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
    const head = Buffer.from([...handshake(), '', ''].join('\r\n'));
    socket.write(Buffer.concat([head, Buffer.from([0xff, 0xff, 0xff, 0xff])]));
    socket.resume();
    await once(socket, 'close');
    expect((await api.ask('GET', '/livez')).status).toBe(200);
  });
});

/** What comes back on a connection over which `lines` are sent. */
async function raw(lines: readonly string[], until: 'end' | 'closing' = 'end'): Promise<string> {
  const socket = connect(Number(new URL(api.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk: Buffer) => (text += chunk.toString()));
  socket.write([...lines, '', ''].join('\r\n'));
  if (until === 'end') await once(socket, 'close');
  else await vi.waitUntil(() => text !== '');
  socket.destroy();
  return text;
}
