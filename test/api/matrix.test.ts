import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { DESCRIPTIONS } from '../../api/routes/index.ts';
import { MATRIX, PEOPLE, type Person } from './matrix.ts';
import { CANARIES, type MatrixDesk, type MatrixTicket, startMatrixDesk } from './matrix-desk.ts';
import { type Request, requestOf } from './matrix-requests.ts';

/** Sees the ticket, or is no stranger to it. */
const INSIDERS: readonly Person[] = ['agent', 'lead', 'admin', 'bot'];

const [, ...lines] = MATRIX.split('\n').filter((line) => line.trim() !== '');
const rows = lines.map((line) => {
  const [method = '', path = '', ...cells] = line.split(/\s+/);
  return { route: `${method} ${path}`, method, path, cells };
});

let desk: MatrixDesk;
let shared: MatrixTicket;
beforeAll(async () => {
  desk = await startMatrixDesk();
  shared = await desk.newTicket();
}, 60_000);
afterAll(() => desk.close());

test('every route of the document is in the matrix, with a cell for everybody', () => {
  const described = DESCRIPTIONS.map(({ method, path }) => `${method.toUpperCase()} ${path}`);
  expect(rows.map(({ route }) => route).toSorted()).toEqual(described.toSorted());
  for (const { route, cells } of rows) expect([route, cells.length]).toEqual([route, PEOPLE.length]);
});

describe('each cell is as promised, and nobody reads what is not his', () => {
  test.concurrent.each(rows)('$method $path', { timeout: 60_000 }, async ({ route, method, path, cells }) => {
    // One for all who may change it: whoever comes second is let in as well, also where there is nothing left to do.
    const own = method !== 'GET' && path.includes('/tickets') ? await desk.newTicket() : shared;
    for (const [index, person] of PEOPLE.entries()) {
      const expected = cells[index];
      const ticket = expected === '+' ? own : shared;
      const credential = path.startsWith('/api/v1/auth/') ? await desk.likeThatOf(person) : desk.credential[person];
      const answer = await send(method, path, credential, await requestOf(route)(desk, ticket));
      const seen = [401, 403, 404].includes(answer.status) ? `${answer.status}` : '+';
      expect([person, seen, answer.status, seen === expected ? '' : answer.text]).toEqual([
        person,
        expected,
        answer.status,
        '',
      ]);
      expect([person, answer.status < 500]).toEqual([person, true]);
      if (!INSIDERS.includes(person)) expect([person, leaks(person, answer.text)]).toEqual([person, []]);
    }
  });
});

describe('what was refused', () => {
  test('has changed nothing', async () => {
    const { body } = await desk.on.get(`/tickets/${shared.id}/timeline?limit=100`);
    expect(
      body.items
        .map(({ type }: { type: string }) => type)
        .filter((type: string) => /changed|status|assigned|merged/.test(type)),
    ).toEqual([]);
  });
});

async function send(method: string, path: string, credential: string | null, { params, query, json }: Request) {
  const filled = path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => params?.[name] ?? 'T-1');
  const answer = await fetch(`${desk.on.api.url}${filled}${query ?? ''}`, {
    method,
    headers: {
      ...(credential !== null && { Authorization: `Bearer ${credential}` }),
      ...(json !== undefined && { 'Content-Type': 'application/json' }),
    },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  if (answer.headers.get('content-type')?.startsWith('text/event-stream') !== true)
    return { status: answer.status, text: await answer.text() };
  // It does not end by itself.
  await answer.body?.cancel();
  return { status: answer.status, text: '' };
}

/** The canaries that the answer holds and the person must not read. */
function leaks(person: Person, text: string): string[] {
  const hidden = person === 'customer' ? CANARIES.inside : [...CANARIES.ticket, ...CANARIES.inside];
  return hidden.filter((canary) => text.toLowerCase().includes(canary));
}
