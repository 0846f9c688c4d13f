/** Files for tests, and the way that a file takes: announced, sent to its link, completed. */
import { expect } from 'vitest';
import type { Answer, TestApi } from './support.ts';

/** The smallest PNG there is: one pixel. */
export const PNG = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);

export interface Sent {
  id: string;
  upload: { url: string; method: string; headers: Record<string, string>; expiresAt: string };
}

/** Announces a file of `size` bytes. */
export async function announce(api: TestApi, key: string, name: string, size: number): Promise<Sent> {
  const { status, body } = await api.ask('POST', '/api/v1/attachments', { key, json: { name, size } });
  expect([status, body.detail]).toEqual([201, undefined]);
  return body;
}

/** Sends bytes to a link as it asks for it. */
export async function put(
  upload: Sent['upload'],
  bytes: Uint8Array<ArrayBuffer> | string,
): Promise<{ status: number; code?: string }> {
  const answer = await fetch(upload.url, { method: upload.method, headers: upload.headers, body: bytes });
  const text = await answer.text();
  return text === '' ? { status: answer.status } : { status: answer.status, code: JSON.parse(text).code };
}

/** Announces and sends a file, and says that it is there. */
export async function send(
  api: TestApi,
  key: string,
  name: string,
  bytes: Uint8Array<ArrayBuffer> | string,
): Promise<Answer> {
  const { id, upload } = await announce(api, key, name, Buffer.byteLength(bytes));
  expect(await put(upload, bytes)).toEqual({ status: 204 });
  return complete(api, key, id);
}

/** Says that a file is there. */
export function complete(api: TestApi, key: string, id: string): Promise<Answer> {
  return api.ask('POST', `/api/v1/attachments/${id}/complete`, { key });
}

/** The id of a complete file. */
export async function sentFile(api: TestApi, key: string, name = 'note.txt', bytes = 'A note.'): Promise<string> {
  const { status, body } = await send(api, key, name, bytes);
  expect(status).toBe(200);
  return body.id;
}
