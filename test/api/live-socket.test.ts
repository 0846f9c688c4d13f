import { afterAll, afterEach, beforeAll, describe, expect, test, vi } from 'vitest';
import { hashPassword } from '../../api/passwords.ts';
import { addTickets } from './rows.ts';
import { followBySocket, followByStream, happen, refusalOf, type SocketFollowing } from './live-desk.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
let admin: { key: string; userId: string; keyId: string };
let open: { close(): void }[] = [];

beforeAll(async () => {
  api = await startApi();
  await addTickets(api.db, 10);
  admin = await api.newKey('admin');
});
afterEach(() => {
  for (const one of open) one.close();
  open = [];
});
afterAll(() => api.close());

async function follow(who = admin, lastEventId?: string): Promise<SocketFollowing> {
  const socket = await followBySocket(api, who.userId, { key: who.key, lastEventId });
  open.push(socket);
  return socket;
}

/** A person with a password, and his session. */
async function signIn(role: string) {
  const { userId } = await api.newKey('agent');
  await api.db.pool.query('update users set password_hash = $2, role = $3 where id = $1', [
    userId,
    await hashPassword('correct horse battery'),
    role,
  ]);
  const login = async () => {
    const json = { email: `${userId}@holdfast.test`, password: 'correct horse battery' };
    const { status, body } = await api.ask('POST', '/api/v1/auth/login', { json });
    expect(status).toBe(200);
    return `${body.accessToken}`;
  };
  return { userId, login };
}

describe('a socket', () => {
  test('is told of events, and goes on with what was missed', async () => {
    const socket = await follow();
    const a = await happen(api.db.pool, 1, 'ticket.created');
    const [told] = await socket.until(1);
    socket.close();
    const b = await happen(api.db.pool, 2);
    const again = await follow(admin, socket.lastEventId());
    const c = await happen(api.db.pool, 3);

    expect(told).toBe(a);
    expect(await again.until(2)).toEqual([b, c]);
  });

  test("takes a browser's token as a subprotocol, and answers with its name alone", async () => {
    const { userId, login } = await signIn('agent');
    const socket = await followBySocket(api, userId, {
      protocols: ['bearer', await login()],
      headers: { Origin: api.url },
    });
    open.push(socket);
    expect(socket.webSocket.protocol).toBe('bearer');
  });

  test('of a lead may be in the name of anybody at the desk', async () => {
    const [lead, agent] = [await api.newKey('lead'), await api.newKey('agent')];
    open.push(await followBySocket(api, agent.userId, { key: lead.key }));
    const unknown = await refusalOf(api, '01a0fc1e-0000-7000-8000-000000000000', { key: lead.key });
    expect([unknown.status, unknown.body.code]).toEqual([404, 'not_found']);
  });

  test('that says anything is closed, however much it says', async () => {
    for (const [said, code] of [
      ['hello', 1008],
      [Buffer.from([1, 2]), 1008],
      ['x'.repeat(5_000), 1009],
    ] as const) {
      const socket = await follow();
      socket.webSocket.send(said);
      expect((await socket.closed).code).toBe(code);
    }
  });

  test('that does not answer a ping is closed', async () => {
    const quick = await startApi({ db: api.db, live: { beatMs: 100 } });
    const alive = await followBySocket(quick, admin.userId, { key: admin.key });
    const dead = await followBySocket(quick, admin.userId, { key: admin.key });
    dead.webSocket.pong = () => undefined;
    const pings = vi.fn<() => void>();
    alive.webSocket.on('ping', pings);

    expect((await dead.closed).code).toBe(1006);
    await vi.waitUntil(() => pings.mock.calls.length > 3);
    expect(alive.webSocket.readyState).toBe(alive.webSocket.OPEN);
    alive.close();
    await quick.close();
  });
});

describe('the end of', () => {
  test('a session closes its sockets and streams, and no others', async () => {
    const { userId, login } = await signIn('agent');
    const [one, other] = [await login(), await login()];
    const socket = await followBySocket(api, userId, { key: one });
    const stream = await followByStream(api, { key: one });
    const stays = await followBySocket(api, userId, { key: other });
    open.push(socket, stream, stays);
    expect((await api.ask('POST', '/api/v1/auth/logout', { key: one, json: {} })).status).toBeLessThan(300);

    expect(await socket.closed).toEqual({ code: 4401, reason: expect.stringContaining('sign in') });
    await stream.ended;
    expect(stream.text()).toMatch(/\n: The session .* ended/);
    expect(stays.webSocket.readyState).toBe(stays.webSocket.OPEN);
  });

  test('a key closes its sockets', async () => {
    const agent = await api.newKey('agent');
    const socket = await follow(agent);
    await api.db.pool.query('update api_keys set revoked_at = now() where id = $1', [agent.keyId]);
    await api.db.pool.query(`select pg_notify('sessions', $1)`, [agent.keyId]);
    expect((await socket.closed).code).toBe(4401);
  });

  test("somebody's rights closes his sockets with the next heartbeat, also when nobody was told", async () => {
    const quick = await startApi({ db: api.db, live: { beatMs: 100 } });
    const [narrowed, revoked, same] = await Promise.all([
      api.newKey('agent'),
      api.newKey('agent'),
      api.newKey('agent'),
    ]);
    const sockets = await Promise.all(
      [narrowed, revoked, same].map(({ userId, key }) => followBySocket(quick, userId, { key })),
    );
    await api.db.pool.query(`update api_keys set revoked_at = now() where id = $1`, [revoked.keyId]);
    const scope = { supportTypes: null, teams: ['billing'], organisations: null };
    await api.db.pool.query(`update users set scope = $2 where id = $1`, [narrowed.userId, JSON.stringify(scope)]);

    expect([(await sockets[0]?.closed)?.code, (await sockets[1]?.closed)?.code]).toEqual([4401, 4401]);
    expect(sockets[2]?.webSocket.readyState).toBe(1);
    sockets[2]?.close();
    await quick.close();
  });

  test('an access token closes its socket', async () => {
    const { userId, login } = await signIn('agent');
    const token = await login();
    // Fifteen minutes are a token's life: by this clock it has two seconds left.
    const ahead = 15 * 60_000 - 2_000;
    const later = await startApi({ db: api.db, now: () => Date.now() + ahead });
    const socket = await followBySocket(later, userId, { key: token });
    expect((await socket.closed).code).toBe(4401);
    await later.close();
  });

  test('the process closes everybody at once', async () => {
    const stopping = await startApi({ db: api.db });
    const socket = await followBySocket(stopping, admin.userId, { key: admin.key });
    const deaf = await followBySocket(stopping, admin.userId, { key: admin.key });
    const stream = await followByStream(stopping, { key: admin.key });
    // Takes no notice of a close frame.
    deaf.webSocket.pause();
    const started = performance.now();
    await stopping.close();

    expect(performance.now() - started).toBeLessThan(4_000);
    expect((await socket.closed).code).toBe(1001);
    await stream.ended;
    expect(stream.text()).toContain(': The desk stops');
    deaf.close();
  });
});

describe('a slow reader', () => {
  test('is let go and told to come back, and the others are told of everything', async () => {
    const [slow, quick] = [await follow(), await follow()];
    const stream = await followByStream(api, { key: admin.key });
    open.push(stream);
    const first = await happen(api.db.pool, 1);
    expect([await slow.until(1), await quick.until(1)]).toEqual([[first], [first]]);
    slow.webSocket.pause();
    const { rows } = await api.db.pool.query<{ most: number }>('select max(sequence) as most from ticket_events');
    const most = 100_000 + (rows[0]?.most ?? 0);
    const events = 16_000;
    await api.db.pool.query(
      `insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
       select id, $1::integer + n, 'ticket.changed', now(), 'system', 'a test', '{}'
       from tickets, generate_series(1, $2::integer) n where number = 1`,
      [most, events],
    );

    expect((await quick.until(1 + events)).length).toBe(1 + events);
    slow.webSocket.resume();
    expect(await slow.closed).toEqual({ code: 4408, reason: expect.stringContaining('lastEventId') });
    const had = slow.events().length;
    expect(had).toBeLessThan(1 + events);

    const again = await follow(admin, slow.lastEventId());
    await again.until(1 + events - had);
    expect(new Set([...slow.events(), ...again.events()]).size).toBe(1 + events);
  });
});
