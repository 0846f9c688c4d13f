import { readFile } from 'node:fs/promises';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { DESCRIPTIONS, ROUTES } from '../../api/routes/index.ts';
import { PERMISSIONS } from '../../domain/permissions.ts';
import { startApi, type TestApi } from './support.ts';

let api: TestApi;
beforeAll(async () => {
  api = await startApi();
});
afterAll(() => api.close());

test('the document lists every mounted route with its permission, and nothing else', async () => {
  const { body } = await api.ask('GET', '/api/v1/openapi.json');
  expect(body.openapi).toBe('3.1.0');
  const listed = Object.entries<Record<string, { 'x-permission': string }>>(body.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) => [method, path, operation['x-permission']]),
  );
  const mounted = DESCRIPTIONS.map(({ method, path, permission }) => [method, path, permission]);
  expect(listed.map(String).toSorted()).toEqual(mounted.map(String).toSorted());
});

test('every route names a permission of the table, signedIn, or public; and few are public', () => {
  for (const { permission } of DESCRIPTIONS) expect(['public', 'signedIn', ...PERMISSIONS]).toContain(permission);
  expect(
    ROUTES.filter(({ permission }) => permission === 'public')
      .map(({ path }) => path)
      .sort(),
  ).toEqual([
    '/api/v1/auth/login',
    '/api/v1/auth/password-reset',
    '/api/v1/auth/refresh',
    '/api/v1/docs',
    '/api/v1/openapi.json',
    '/livez',
    '/readyz',
  ]);
});

test('nobody gets past a route that is not public, whatever he sends', async () => {
  for (const { method, path } of ROUTES.filter(({ permission }) => permission !== 'public')) {
    const answer = await api.ask(
      method.toUpperCase(),
      path.replaceAll(/\{\w+\}/g, 'T-1'),
      method === 'post' ? { json: {} } : {},
    );
    expect([method, path, answer.status]).toEqual([method, path, 401]);
  }
});

test('every refusal in the document is problem+json, and readiness says besides what cannot be reached', async () => {
  const { body } = await api.ask('GET', '/api/v1/openapi.json');
  const paths = Object.entries<Record<string, { responses: Record<string, { content: object }> }>>(body.paths);
  const responses = paths.flatMap(([path, operations]) =>
    Object.values(operations).flatMap(({ responses }) =>
      Object.entries(responses).map(([status, { content }]) => ({ path, status, content })),
    ),
  );
  const refusals = responses.filter(({ status }) => Number(status) >= 400);
  expect(refusals.length).toBeGreaterThan(100);
  for (const { path, status, content } of refusals) {
    const readiness = path === '/readyz' && status === '503' ? ['application/json'] : [];
    expect([path, status, Object.keys(content)]).toEqual([path, status, ['application/problem+json', ...readiness]]);
  }
});

test('what cannot be read as HTTP, and what has not changed, is in the document', async () => {
  const { body } = await api.ask('GET', '/api/v1/openapi.json');
  for (const operations of Object.values<Record<string, { responses: object }>>(body.paths)) {
    for (const { responses } of Object.values(operations)) {
      expect(Object.keys(responses)).toEqual(expect.arrayContaining(['400', '408', '414', '431']));
    }
  }
  expect(body.paths['/api/v1/tickets/{id}'].get.responses['304']).toEqual({ description: expect.any(String) });
});

test('openapi.json in the repository is the one that is served', async () => {
  const written: unknown = JSON.parse(await readFile(new URL('../../openapi.json', import.meta.url), 'utf8'));
  expect((await api.ask('GET', '/api/v1/openapi.json')).body).toEqual(written);
});

test('the page for people lists the operations, and loads nothing', async () => {
  const { status, headers, body } = await api.ask('GET', '/api/v1/docs');
  expect(status).toBe(200);
  expect(headers.get('content-type')).toContain('text/html');
  expect(headers.get('content-security-policy')).toContain("default-src 'none'");
  expect(body).toContain('POST /api/v1/tickets/{id}/messages');
  expect(body).not.toMatch(/<script|https?:\/\//);
});

test('the process says that it lives, and what it can reach', async () => {
  expect((await api.ask('GET', '/livez')).body).toEqual({ status: 'ok' });
  const ready = await api.ask('GET', '/readyz');
  expect([ready.status, ready.body]).toEqual([200, { status: 'ready', checks: { database: 'ok', temporal: 'ok' } }]);
});
