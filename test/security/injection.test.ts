/**
 * What looks like SQL, or like a part of a search, a pattern or a path into JSON, is a value and nothing else: in every
 * filter, sort, cursor, search and id of every route that reads, and in every text of every route that writes.
 */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { takesBody } from '../../api/route.ts';
import { DESCRIPTIONS } from '../../api/routes/index.ts';
import { CANARIES, type MatrixDesk, type MatrixTicket, startMatrixDesk } from '../api/matrix-desk.ts';
import { type Request, requestOf } from '../api/matrix-requests.ts';
import { digestOf } from './untouched.ts';

const CORPUS = [
  `'; drop table tickets; --`,
  `' or 1=1 --`,
  `x') or true) --`,
  `" or ""="`,
  `1; select pg_sleep(5)`,
  `$1`,
  `?`,
  `a\u0000' or '1'='1`,
  `_%' escape '\\`,
  `\\'; --`,
  `\u02bc or 1=1`,
  `＇ or 1=1`,
  `\ud800`,
  `a & ! | ( ) <-> :* b`,
  `"unended 'quote`,
  `$.** ? (@ == 1)`,
  `../../users`,
  `9223372036854775808`,
  `00000000-0000-0000-0000-00000000000'`,
];

const WORDS_OF_POSTGRES =
  /syntax error at|invalid input syntax|operator does not exist|(relation|column) \\"|pg_catalog/;

/** Streams, which do not end by themselves; and what does not read the desk's rows. */
const APART = ['/api/v1/events', '/ws/agent/{agentId}', '/livez', '/readyz', '/metrics', '/api/v1/docs'];
/** What is read by scope. */
const OF_TICKETS = /^\/api\/v1\/(tickets|customers|organisations|sla)(\/|$)/;
/** Which fields and how many is asked of every list in the same way, so one stands for all. */
const namesOf = (path: string, query: object) =>
  Object.keys(query).filter((name) => path === '/api/v1/tickets' || !['fields', 'limit'].includes(name));
const reading = DESCRIPTIONS.filter(({ method, path }) => method === 'get' && !APART.includes(path));
const writing = DESCRIPTIONS.filter((one) => takesBody(one) && one.rawBody !== true);

let desk: MatrixDesk;
let ticket: MatrixTicket;
beforeAll(async () => {
  desk = await startMatrixDesk();
  ticket = await desk.newTicket();
}, 60_000);
afterAll(() => desk.close());

function as(person: 'admin' | 'outOfScope', method: string, path: string, json?: unknown) {
  const key = desk.credential[person] ?? '';
  return desk.on.api.ask(method, path, { key, ...(json !== undefined && { json }) });
}

function filled(path: string, params: Record<string, string> | undefined, otherwise: string): string {
  return path.replaceAll(/\{(\w+)\}/g, (_all, name: string) => params?.[name] ?? otherwise);
}

/** What is wrong with the answer: broken, slower than a question takes, or with words that are not his to read. */
async function faultsOf(person: 'admin' | 'outOfScope', path: string): Promise<unknown[]> {
  const started = performance.now();
  const { status, body } = await as(person, 'GET', path);
  const text = JSON.stringify(body).toLowerCase();
  const told = [...CANARIES.ticket, ...CANARIES.inside].filter((word) => text.includes(word));
  const faults = [
    ...(status < 500 ? [] : [status]),
    ...(performance.now() - started < 5_000 ? [] : ['slow']),
    ...(person === 'admin' ? [] : told),
    ...(WORDS_OF_POSTGRES.exec(text) ?? []),
  ];
  return faults.map((fault) => [person, path, fault]);
}

describe('a read', () => {
  const paramsOf = new Map<string, Request['params']>();
  let before: Record<string, string>;
  beforeAll(async () => {
    for (const { path } of reading) paramsOf.set(path, (await requestOf(`GET ${path}`)(desk, ticket)).params);
    // Both are there, and copies of the settings were made, before anything is compared.
    for (const person of ['admin', 'outOfScope'] as const) await as(person, 'GET', '/api/v1/agents/available');
    before = await digestOf(desk.on.desk.db.pool);
  });

  test.each(reading.map(({ path, query }) => ({ path, names: namesOf(path, query.shape) })))(
    'of $path takes all of it for a value',
    async ({ path, names }) => {
      const params = paramsOf.get(path);
      for (const value of CORPUS.map(encodeURIComponentOfAnything)) {
        const asked = names.map((name) => `${filled(path, params, ticket.id)}?${name}=${value}`);
        if (path.includes('{')) asked.push(filled(path, {}, value));
        const people = OF_TICKETS.test(path) ? (['admin', 'outOfScope'] as const) : (['admin'] as const);
        const faults = await Promise.all(asked.flatMap((one) => people.map((person) => faultsOf(person, one))));
        expect(faults.flat()).toEqual([]);
      }
    },
  );

  test('finds nothing by a filter that no row has', async () => {
    for (const value of CORPUS.map(encodeURIComponentOfAnything)) {
      for (const name of ['tag', 'team', 'supportType', 'customer']) {
        const { status, body } = await as('admin', 'GET', `/api/v1/tickets?${name}=${value}`);
        if (status === 200) expect([name, value, body.items.length]).toEqual([name, value, 0]);
        else expect([name, value, status]).toEqual([name, value, 422]);
      }
    }
  });

  test('goes on from no position that it did not give itself', async () => {
    const payload = (position: unknown) => Buffer.from(JSON.stringify(position)).toString('base64url');
    const { body } = await as('admin', 'GET', '/api/v1/audit?limit=1');
    const [, signature = ''] = String(body.nextCursor).split('.');
    const positions = [[`' or 1=1 --`, '1'], ['infinity', ticket.id], [], {}, [null], ['2020-01-01', `x'; select 1`]];
    for (const position of positions) {
      for (const cursor of [payload(position), `${payload(position)}.`, `${payload(position)}.${signature}`]) {
        const answer = await as('admin', 'GET', `/api/v1/audit?limit=1&cursor=${cursor}`);
        expect([cursor, answer.status, answer.body.code]).toEqual([cursor, 400, 'invalid_cursor']);
      }
    }
  });

  test('has changed nothing, whatever was in it', async () => {
    const after = await digestOf(desk.on.desk.db.pool);
    // Giving out a customer's data is written down.
    expect({ ...after, audit_entries: '' }).toEqual({ ...before, audit_entries: '' });
  });
});

describe('a write', () => {
  test.each(writing.map(({ method, path }) => ({ method: method.toUpperCase(), path })))(
    'by $method $path takes or refuses each text as it is',
    { timeout: 30_000 },
    async ({ method, path }) => {
      const request: Request = await requestOf(`${method} ${path}`)(desk, ticket);
      for (const json of spoilt(request.json)) {
        const { status, body } = await as('admin', method, filled(path, request.params, ticket.id), json);
        expect([json, status, status < 500]).toEqual([json, status, true]);
        expect(JSON.stringify(body).toLowerCase()).not.toMatch(WORDS_OF_POSTGRES);
      }
    },
  );

  test('of a ticket’s own fields takes or refuses each text as it is, and the ticket goes on', async () => {
    const supportType = 'invoice-copy';
    const { id } = await desk.on.open();
    for (const vatNumber of IN_TEXTS) {
      for (const [method, path, json] of [
        ['PATCH', `/api/v1/tickets/${id}`, { supportType, customFields: { vatNumber } }],
        ['POST', '/api/v1/tickets', { ...NEW, supportType, customFields: { vatNumber } }],
      ] as const) {
        const { status, body } = await as('admin', method, path, json);
        expect([method, vatNumber, status < 500]).toEqual([method, vatNumber, true]);
        if (status < 300) expect(body.customFields.vatNumber).toBe(vatNumber);
      }
    }
    expect((await as('admin', 'PATCH', `/api/v1/tickets/${id}`, { priority: 'low' })).body.priority).toBe('low');
  });

  test('has left every table where it was', async () => {
    const { rows } = await desk.on.desk.db.pool.query<{ count: string }>('select count(*) from tickets');
    expect(Number(rows[0]?.count)).toBeGreaterThan(0);
    expect((await as('admin', 'GET', `/api/v1/tickets/${ticket.id}`)).body.subject).toBe('canary-subject');
  });
});

const NEW = { subject: 'Hello', body: 'Words', requester: { email: 'bobby@example.com' } };
const IN_TEXTS = [`'); drop table texts; --`, `a\u0000b`, `\ud800`, `\\u0000`, `$1 ? % _`];

/** `json` with one of its texts replaced, for each of them. */
function* spoilt(json: unknown): Generator {
  if (typeof json === 'string') yield* IN_TEXTS;
  if (typeof json !== 'object' || json === null) return;
  for (const [name, inner] of Object.entries(json)) {
    for (const value of spoilt(inner)) {
      yield Array.isArray(json) ? json.with(Number(name), value) : { ...json, [name]: value };
    }
  }
}

/** Also of half a character, which no URL of a browser's would hold. */
function encodeURIComponentOfAnything(text: string): string {
  return text.isWellFormed() ? encodeURIComponent(text) : '%ED%A0%80';
}
