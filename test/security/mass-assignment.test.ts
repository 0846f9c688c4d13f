/** Nobody gives himself a field: what a route does not know in its body is refused, at every depth, and nothing changes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takesBody } from '../../api/route.ts';
import { DESCRIPTIONS } from '../../api/routes/index.ts';
import { type MatrixDesk, type MatrixTicket, startMatrixDesk } from '../api/matrix-desk.ts';
import { type Request, requestOf } from '../api/matrix-requests.ts';
import { digestOf } from './untouched.ts';

/** Columns of ours, what other desks were taken over by, and what reaches into JavaScript itself. */
const FORBIDDEN = {
  admin: true,
  isAdmin: true,
  passwordHash: 'x',
  customer_id: '00000000-0000-4000-8000-000000000000',
  createdAt: '2020-01-01T00:00:00Z',
  state: 'closed',
  constructor: { prototype: { role: 'admin' } },
};

const routes = DESCRIPTIONS.filter((one) => takesBody(one) && one.rawBody !== true).map(({ method, path }) => ({
  route: `${method.toUpperCase()} ${path}`,
  method: method.toUpperCase(),
  path,
}));

let desk: MatrixDesk;
let ticket: MatrixTicket;
/** A request of each route that would be taken as it is. */
let requests: Map<string, Request>;
let before: Record<string, string>;
beforeAll(async () => {
  desk = await startMatrixDesk();
  ticket = await desk.newTicket();
  requests = new Map();
  for (const { route } of routes) requests.set(route, await requestOf(route)(desk, ticket));
  await desk.on.get('/me');
  before = await digestOf(desk.on.desk.db.pool);
}, 60_000);
afterAll(() => desk.close());

function send({ method, path }: { method: string; path: string }, { params, query, json }: Request, raw?: string) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => params?.[name] ?? ticket.id);
  const { admin } = desk.credential;
  return desk.on.api.ask(method, `${filled}${query ?? ''}`, {
    ...(admin !== null && { key: admin }),
    ...(raw === undefined ? { json } : { raw, headers: { 'Content-Type': 'application/json' } }),
  });
}

/** Each object inside `json`, by its path; with `more` in it, the whole is what comes of `into`. */
function* depths(json: unknown, path: string[] = []): Generator<{ path: string[]; into: (more: object) => unknown }> {
  if (typeof json !== 'object' || json === null) return;
  if (!Array.isArray(json)) yield { path, into: (more) => ({ ...json, ...more }) };
  for (const [name, inner] of Object.entries(json)) {
    for (const deeper of depths(inner, [...path, name])) {
      const put = (value: unknown) =>
        Array.isArray(json) ? json.with(Number(name), value) : { ...json, [name]: value };
      yield { path: deeper.path, into: (more) => put(deeper.into(more)) };
    }
  }
}

describe('a body with a field too many', () => {
  test('is tried on every route that takes one', () => {
    expect(routes.length).toBeGreaterThan(40);
  });

  test.each(routes)('is refused with 422 by $route, and the field is named', async (at) => {
    const request = requests.get(at.route) ?? {};
    for (const { path, into } of depths(request.json ?? {})) {
      for (const [name, value] of Object.entries(FORBIDDEN)) {
        const { status, body } = await send(at, { ...request, json: into({ [name]: value }) });
        const named = (body.errors ?? []).map((one: { path: string }) => one.path);
        expect([path, name, status, named]).toEqual([
          path,
          name,
          422,
          expect.arrayContaining([[...path, name].join('.')]),
        ]);
      }
    }
  });

  test('has changed nothing', async () => {
    expect(await digestOf(desk.on.desk.db.pool)).toEqual(before);
  });
});

test('a prototype in the body makes nobody an admin', async () => {
  const raw = JSON.stringify({ name: 'Renamed' }).replace('{', '{"__proto__":{"role":"admin","isAdmin":true},');
  const { params } = await requestOf('PATCH /api/v1/users/{id}')(desk, ticket);
  await send({ method: 'PATCH', path: '/api/v1/users/{id}' }, { params: params ?? {} }, raw);
  const { body } = await send({ method: 'GET', path: '/api/v1/users/{id}' }, { params: params ?? {} });
  expect(body.role).toBe('agent');
  expect(Object.hasOwn(Object.prototype, 'isAdmin')).toBe(false);
});
