import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdtemp, readdir, rm } from 'node:fs/promises';
import { request as httpRequest } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createLocalFiles } from '../../integrations/local-files.ts';
import { announce, complete, put } from './attachment-files.ts';
import { APP_SECRET, startApi, type TestApi } from './support.ts';

let api: TestApi;
let directory: string;
let at = Date.UTC(2026, 10, 21, 12);
let key: string;
beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'holdfast-links-'));
  const local = createLocalFiles({ directory, secret: APP_SECRET, now: () => at });
  api = await startApi({ files: { files: local, local }, now: () => at });
  ({ key } = await api.newKey('agent'));
});
afterAll(async () => {
  await api.close();
  await rm(directory, { recursive: true, force: true });
});

describe('a link', () => {
  /** The status of each way to use `url`. */
  const tried = async (url: URL | string, method: string) =>
    (await fetch(url, { method, ...(method === 'PUT' && { body: 'Hello' }) })).status;

  test('that was changed in any part, or cut, or belongs to another file, opens nothing', async () => {
    const [first, second] = [await announce(api, key, 'a', 5), await announce(api, key, 'b', 5)];
    const url = new URL(first.upload.url);
    const changed = (change: (copy: URL) => void) => {
      const copy = new URL(url);
      change(copy);
      return copy;
    };
    const signature = url.searchParams.get('signature') ?? '';
    const forged = [
      changed((copy) =>
        copy.searchParams.set(
          'signature',
          signature.replace(/^./, (one) => (one === 'A' ? 'B' : 'A')),
        ),
      ),
      changed((copy) => copy.searchParams.set('signature', signature.slice(0, -1))),
      changed((copy) => copy.searchParams.set('signature', `${signature}=`)),
      changed((copy) => copy.searchParams.set('signature', '')),
      changed((copy) => copy.searchParams.delete('signature')),
      changed((copy) => copy.searchParams.append('signature', signature)),
      changed((copy) => copy.searchParams.set('expires', `${at + 86_400_000}`)),
      changed((copy) => copy.searchParams.set('size', '500')),
      changed((copy) => copy.searchParams.delete('size')),
      changed((copy) => copy.searchParams.set('more', '1')),
      changed((copy) => {
        copy.pathname = `/files/${second.id}`;
      }),
    ];
    for (const one of forged) expect([one.href, await tried(one, 'PUT')]).toEqual([one.href, 403]);
    expect(await tried(url, 'GET')).toBe(403);
    expect(await tried(url, 'DELETE')).toBe(405);
    expect(await tried(url, 'PUT')).toBe(204);
  });

  test('ends, for the upload after fifteen minutes, for the download after five', async () => {
    const { id, upload } = await announce(api, key, 'a', 5);
    const later = await announce(api, key, 'b', 5);
    await put(upload, 'Hello');
    const { download } = (await complete(api, key, id)).body;
    expect(await tried(download.url, 'GET')).toBe(200);
    at += 5 * 60_000;
    expect(await tried(download.url, 'GET')).toBe(403);
    at += 10 * 60_000;
    expect(await tried(later.upload.url, 'PUT')).toBe(403);
  });

  test('for an upload works once: what was looked at is never written over', async () => {
    const { id, upload } = await announce(api, key, 'a', 5);
    expect(await put(upload, 'Hello')).toEqual({ status: 204 });
    expect(await put(upload, 'World')).toEqual({ status: 409, code: 'already_uploaded' });
    const { download } = (await complete(api, key, id)).body;
    expect(await put(upload, 'World')).toEqual({ status: 409, code: 'already_uploaded' });
    expect(await (await fetch(download.url)).text()).toBe('Hello');
  });

  test('for an upload that is used twice at once writes one of them, whole', async () => {
    const { id, upload } = await announce(api, key, 'a', 10);
    const senders = ['a', 'b'].map((letter) => {
      const request = httpRequest(upload.url, { method: 'PUT', agent: false, headers: { 'Content-Length': 10 } });
      request.write(letter.repeat(5));
      return { letter, request, answered: once(request, 'response') };
    });
    await vi.waitFor(async () => expect(await readdir(join(directory, 'incoming'))).toHaveLength(2));
    const statuses = [];
    for (const { letter, request, answered } of senders) {
      request.end(letter.repeat(5));
      const [response] = await answered;
      statuses.push(response.resume().statusCode);
    }
    expect(statuses).toEqual([204, 409]);
    const { download } = (await complete(api, key, id)).body;
    expect(await (await fetch(download.url)).text()).toBe('aaaaaaaaaa');
  });

  test.each([
    '/files/',
    '/files/..%2F..%2Fetc%2Fpasswd',
    '/files/%2e%2e/%2e%2e/etc/passwd',
    `/files/${randomUUID()}/x`,
  ])('to %s leads nowhere', async (path) => {
    expect((await api.ask('GET', path)).status).toBe(404);
  });
});
