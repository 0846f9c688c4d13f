import { randomUUID } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdtemp, readdir, rm, utimes, writeFile } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { fileName } from '../../domain/attachment.ts';
import { createLocalFiles } from '../../integrations/local-files.ts';
import { createOrphanFiles } from '../../workers/orphan-files.ts';
import { announce, complete, PNG, put, send, sentFile } from './attachment-files.ts';
import { addTickets } from './rows.ts';
import { APP_SECRET, startApi, type TestApi } from './support.ts';

let api: TestApi;
let directory: string;
const at = Date.UTC(2026, 10, 21, 12);
let key: string;
let other: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-attachments-'));
  const local = createLocalFiles({ directory, secret: APP_SECRET, now: () => at });
  api = await startApi({ files: { files: local, local }, now: () => at });
  [{ key }, { key: other }] = [await api.newKey('agent'), await api.newKey('agent')];
  await addTickets(api.db, 1);
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true, force: true });
});

const read = (id: string, by = key) => api.ask('GET', `/api/v1/attachments/${id}`, { key: by });
/** The paths of all files that are kept. */
async function kept(): Promise<string[]> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  return entries.filter((entry) => entry.isFile()).map(({ parentPath, name }) => join(parentPath, name));
}

describe('a file', () => {
  test('is announced, sent to its link, completed by its content, and fetched to be saved', async () => {
    const { id, upload } = await announce(api, key, 'Überblick "final".png', PNG.length);
    expect(upload).toMatchObject({ method: 'PUT', headers: {}, expiresAt: new Date(at + 15 * 60_000).toISOString() });
    expect(upload.url.startsWith(`${api.url}/files/${id}?`)).toBe(true);
    expect((await read(id)).body).toMatchObject({ type: null, download: null });
    expect((await complete(api, key, id)).body.code).toBe('upload_incomplete');
    expect(await put(upload, PNG)).toEqual({ status: 204 });
    const completed = await complete(api, key, id);
    expect([completed.status, completed.body]).toMatchObject([
      200,
      { id, name: 'Überblick "final".png', type: 'image/png', size: PNG.length, ticketId: null, messageId: null },
    ]);
    expect((await complete(api, key, id)).status).toBe(200);

    const { download } = (await read(id)).body;
    const fetched = await fetch(download.url);
    expect(Buffer.from(await fetched.arrayBuffer())).toEqual(PNG);
    expect(Object.fromEntries(fetched.headers)).toMatchObject({
      'content-type': 'image/png',
      'content-length': `${PNG.length}`,
      'content-disposition': `attachment; filename="_berblick _final_.png"; filename*=UTF-8''%C3%9Cberblick%20%22final%22.png`,
      'x-content-type-options': 'nosniff',
      'content-security-policy': expect.stringMatching(/^sandbox;/),
      'cache-control': 'private, no-store',
    });
    const head = await fetch(download.url, { method: 'HEAD' });
    expect([head.status, head.headers.get('content-length')]).toEqual([200, `${PNG.length}`]);
  });

  test('is announced once for an Idempotency-Key', async () => {
    const ask = () =>
      api.ask('POST', '/api/v1/attachments', {
        key,
        json: { name: 'a.txt', size: 3 },
        headers: { 'Idempotency-Key': 'file-1' },
      });
    const [first, second] = [await ask(), await ask()];
    expect([first.status, second.body.id]).toEqual([201, first.body.id]);
    expect(first.headers.get('location')).toBe(`/api/v1/attachments/${first.body.id}`);
  });

  test("is its uploader's alone until a message has it", async () => {
    const id = await sentFile(api, key);
    expect((await read(id)).status).toBe(200);
    expect((await read(id, other)).body.code).toBe('not_found');
    expect((await complete(api, other, id)).status).toBe(404);
    const { key: admin } = await api.newKey('admin');
    expect((await read(id, admin)).status).toBe(404);
    for (const name of ['nothing', randomUUID(), '..%2F..%2Fetc%2Fpasswd']) expect((await read(name)).status).toBe(404);
  });

  test.each([
    ['a PNG named .txt', 'notes.txt', PNG, 'image/png'],
    ['HTML named .png', 'cat.png', '<!-- a cat --><!DOCTYPE html><script>alert(1)</script>', 'text/html'],
    ['a bare script', 'cat.jpg', '\uFEFF  <script>alert(1)</script>', 'text/html'],
    [
      'SVG with a script',
      'logo.txt',
      '<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg" onload="alert(1)"/>',
      'image/svg+xml',
    ],
    ['PDF', 'x', '%PDF-1.7\n1 0 obj', 'application/pdf'],
    ['text', 'x.exe', 'Größe: 3 < 4\n', 'text/plain'],
    ['a coloured log', 'x.png', '\u001B[31mfailed\u001B[0m\r\n', 'text/plain'],
    ['bytes that nobody knows', 'x.txt', Buffer.from([0, 1, 2, 3, 255]), 'application/octet-stream'],
  ])('%s is what its content says', async (_name, name, bytes, type) => {
    const { body } = await send(api, key, name, bytes);
    expect(body.type).toBe(type);
    const { headers } = await fetch(body.download.url);
    expect(headers.get('content-type')).toMatch(type);
    expect(headers.get('content-disposition')).toMatch(/^attachment; /);
    expect(headers.get('content-security-policy')).toMatch(/^sandbox; default-src 'none'/);
    expect(headers.get('x-content-type-options')).toBe('nosniff');
  });

  test.each([
    ['for Windows', Buffer.concat([Buffer.from('MZ'), Buffer.alloc(200)])],
    ['for Linux', Buffer.concat([Buffer.from([0x7f]), Buffer.from('ELF'), Buffer.alloc(200)])],
    ['for the web', Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0])],
  ])('that is a program %s is refused and not kept, whatever it is called', async (_name, bytes) => {
    const before = await kept();
    const { status, body } = await send(api, key, 'cat.png', bytes);
    expect([status, body.code]).toEqual([422, 'file_refused']);
    expect(await kept()).toEqual(before);
  });

  test.each([
    ['../../../etc/passwd', 'passwd'],
    ['..\\..\\windows\\system32\\evil.dll', 'evil.dll'],
    ['/etc/cron.d/job', 'job'],
    ['..', 'file'],
    ['a/', 'file'],
    ['invoice\u202Efdp.exe', 'invoicefdp.exe'],
    ['a\r\nSet-Cookie: x=1', 'aSet-Cookie: x=1'],
    ['nul\u0000.txt', 'nul.txt'],
  ])('named %j is called %j, and lies under its id', async (given, called) => {
    const { body } = await send(api, key, given, 'Hello');
    expect(body.name).toBe(called);
    expect((await kept()).filter((path) => path.includes(body.id))).toEqual([
      join(directory, body.id.slice(-2), body.id),
    ]);
    expect((await fetch(body.download.url)).headers.get('content-disposition')).not.toMatch(/[\r\n/\\]/);
  });

  test('never has a name that leads anywhere or that nobody can see', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (given) => {
        const name = fileName(given);
        expect(name).not.toMatch(/[/\\\p{Cc}\u200E\u200F\u202A-\u202E]/u);
        expect(['', '.', '..']).not.toContain(name);
        expect(fileName(name)).toBe(name);
      }),
    );
  });
});

describe('the size', () => {
  test.each([0, -1, 1.5, 25 * 1024 * 1024 + 1, '7'])('of %j is refused when it is announced', async (size) => {
    const answer = await api.ask('POST', '/api/v1/attachments', { key, json: { name: 'a', size } });
    expect([answer.status, answer.body.errors[0].path]).toEqual([422, 'size']);
  });

  test('that is announced larger on the way is refused before anything is read', async () => {
    const { upload } = await announce(api, key, 'a', 5);
    expect(await put(upload, 'x'.repeat(6))).toEqual({ status: 413, code: 'body_too_large' });
  });

  test('that is larger without being announced is refused while it comes, and nothing is kept', async () => {
    const before = await kept();
    const { id, upload } = await announce(api, key, 'a', 100_000);
    const status = await new Promise((resolve, reject) => {
      const request = httpRequest(upload.url, { method: 'PUT' }, (response) => resolve(response.resume().statusCode));
      request.on('error', reject);
      for (let sent = 0; sent < 4; sent += 1) request.write('x'.repeat(30_000));
      request.end();
    });
    expect(status).toBe(413);
    expect(await kept()).toEqual(before);
    expect((await complete(api, key, id)).body.code).toBe('upload_incomplete');
  });

  test('that is smaller is refused, and the file can be sent again', async () => {
    const { id, upload } = await announce(api, key, 'a', 5);
    expect(await put(upload, 'four')).toEqual({ status: 409, code: 'upload_incomplete' });
    expect(await put(upload, 'fives')).toEqual({ status: 204 });
    expect((await complete(api, key, id)).status).toBe(200);
  });

  test('of what came is nothing when the sender went away half-way', async () => {
    const before = await kept();
    const { upload } = await announce(api, key, 'a', 100);
    const request = httpRequest(upload.url, { method: 'PUT', headers: { 'Content-Length': 100 } });
    request.on('error', () => undefined);
    request.write('half');
    await vi.waitFor(async () => expect(await kept()).toHaveLength(before.length + 1));
    request.destroy();
    await vi.waitFor(async () => expect(await kept()).toEqual(before));
  });

  test('of 25 MiB is taken', async () => {
    const { status, body } = await send(api, key, 'large', new Uint8Array(25 * 1024 * 1024));
    expect([status, body.size]).toEqual([200, 25 * 1024 * 1024]);
  });
});

test('nobody has more than a hundred files lying about that no message has', async () => {
  const { key: hoarder, userId } = await api.newKey('agent');
  await api.db.pool.query(
    `insert into attachments (id, name, size, uploader_id, created_at)
     select gen_random_uuid(), 'a', 1, $1, now() from generate_series(1, 100)`,
    [userId],
  );
  const answer = await api.ask('POST', '/api/v1/attachments', { key: hoarder, json: { name: 'a', size: 1 } });
  expect([answer.status, answer.body.code]).toEqual([409, 'too_many_files']);
});

test('whoever may not reply announces none', async () => {
  const { key: by } = await api.newKey('integration');
  const answer = await api.ask('POST', '/api/v1/attachments', { key: by, json: { name: 'a', size: 1 } });
  expect([answer.status, answer.body.code]).toEqual([403, 'forbidden']);
});

test('files that no message has a day later are removed, with what a crash left behind; the others stay', async () => {
  const [orphan, young] = [await sentFile(api, key), await sentFile(api, key)];
  const { pool } = api.db;
  await pool.query(`update attachments set created_at = now() - interval '25 hours' where id = $1`, [orphan]);
  await pool.query('update attachments set created_at = now() where id = $1', [young]);
  const [stale, fresh] = [join(directory, 'incoming', 'stale'), join(directory, 'incoming', 'fresh')];
  await Promise.all([writeFile(stale, 'half'), writeFile(fresh, 'half')]);
  const yesterday = Date.now() / 1000 - 25 * 3600;
  await utimes(stale, yesterday, yesterday);
  const local = createLocalFiles({ directory, secret: APP_SECRET, now: () => at });
  const sweep = createOrphanFiles({ pool, logger: pino({ level: 'silent' }), files: { files: local, local } });
  const running = sweep.run();
  await vi.waitFor(async () => {
    const { rowCount } = await pool.query('select from attachments where id = $1', [orphan]);
    expect([rowCount, existsSync(stale)]).toEqual([0, false]);
  });
  sweep.stop();
  await running;
  expect(await local.sizeOf(orphan)).toBeNull();
  expect(await local.sizeOf(young)).toBe('A note.'.length);
  expect(existsSync(fresh)).toBe(true);
});
