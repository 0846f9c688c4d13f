import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { Files } from '../../integrations/files.ts';
import { openFiles } from '../../integrations/files.ts';

const ID = '0198f1a2-0000-7000-8000-00000000abcd';
const SECRET = 'the secret key of the bucket, long enough';
const NOW = Date.UTC(2026, 10, 21, 12);

let server: Server;
let endpoint: string;
let files: Files;
let asked: { method: string; path: string; range: string | undefined }[];
let answer: (request: IncomingMessage, response: ServerResponse) => void;
beforeAll(async () => {
  server = createServer((request, response) => {
    asked.push({ method: request.method ?? '', path: request.url ?? '', range: request.headers.range });
    answer(request, response);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The test server has no port.');
  endpoint = `http://127.0.0.1:${address.port}`;
  const s3 = { bucket: 'desk', region: 'eu-central-1', endpoint, accessKeyId: 'AKID', secretAccessKey: SECRET };
  const opened = await openFiles({ directory: '/nowhere', secret: 'a secret for tests', s3 }, () => NOW);
  expect(opened.local).toBeNull();
  ({ files } = opened);
});
afterAll(() => {
  server.closeAllConnections();
  server.close();
});
beforeEach(() => {
  asked = [];
});

describe('a presigned link', () => {
  test('for an upload is for one file, of one size, once, and for fifteen minutes', async () => {
    const link = await files.uploadLink({ id: ID, size: 12_345 }, 'https://desk.example.com');
    expect([link.headers, link.expiresAt]).toEqual([{ 'If-None-Match': '*' }, NOW + 15 * 60_000]);
    const url = new URL(link.url);
    expect([url.origin, url.pathname]).toEqual([endpoint, `/desk/attachments/${ID}`]);
    expect(Object.fromEntries(url.searchParams)).toMatchObject({
      'X-Amz-Algorithm': 'AWS4-HMAC-SHA256',
      'X-Amz-Credential': expect.stringMatching(/^AKID\/\d{8}\/eu-central-1\/s3\/aws4_request$/),
      'X-Amz-Expires': '900',
      'X-Amz-SignedHeaders': 'content-length;host;if-none-match',
      'X-Amz-Signature': expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(decodeURIComponent(link.url)).not.toContain(SECRET);
    // Another size is another signature.
    const other = new URL((await files.uploadLink({ id: ID, size: 12_346 }, '')).url);
    expect(other.searchParams.get('X-Amz-Signature')).not.toBe(url.searchParams.get('X-Amz-Signature'));
  });

  test('for a download has the bucket give the file to be saved, under its name and type', async () => {
    const file = { id: ID, name: 'Größe; "x".svg', type: 'image/svg+xml', size: 3 };
    const link = await files.downloadLink(file, 'https://desk.example.com');
    const { searchParams, pathname } = new URL(link.url);
    expect(pathname).toBe(`/desk/attachments/${ID}`);
    expect(Object.fromEntries(searchParams)).toMatchObject({
      'X-Amz-Expires': '300',
      'response-content-disposition': `attachment; filename="Gr__e; _x_.svg"; filename*=UTF-8''Gr%C3%B6%C3%9Fe%3B%20%22x%22.svg`,
      'response-content-type': 'image/svg+xml',
      'response-cache-control': 'private, no-store',
    });
  });
});

describe('the bucket', () => {
  test('is asked for size, beginning and whole of a file, and to remove it', async () => {
    answer = ({ method, headers }, response) => {
      if (method === 'HEAD') response.writeHead(200, { 'Content-Length': 12 }).end();
      else if (method === 'DELETE') response.writeHead(204).end();
      else
        response
          .writeHead(headers.range === undefined ? 200 : 206)
          .end('Hello, world'.slice(0, headers.range === undefined ? 12 : 5));
    };
    expect(await files.sizeOf(ID)).toBe(12);
    expect((await files.head(ID, 5)).toString()).toBe('Hello');
    const blob = await files.blob(ID, 'text/plain');
    expect([blob.type, await blob.text()]).toEqual(['text/plain', 'Hello, world']);
    await files.remove(ID);
    expect(asked.map(({ method, range }) => [method, range])).toEqual([
      ['HEAD', undefined],
      ['GET', 'bytes=0-4'],
      ['GET', undefined],
      ['DELETE', undefined],
    ]);
    expect(new Set(asked.map(({ path }) => path.replace(/\?.*/, '')))).toEqual(new Set([`/desk/attachments/${ID}`]));
  });

  test('without the file says that there is none', async () => {
    answer = (_request, response) => void response.writeHead(404).end();
    expect(await files.sizeOf(ID)).toBeNull();
  });

  test('that refuses us is told in a sentence that holds no secret', async () => {
    answer = (_request, response) =>
      void response.writeHead(403).end('<Error><Code>SignatureDoesNotMatch</Code></Error>');
    const error = await files.remove(ID).catch((reason: unknown) => reason);
    expect(error).toMatchObject({ code: 'files_unavailable', message: expect.stringMatching(/\.$/) });
    expect(String(error)).not.toContain(SECRET);
  });
});
