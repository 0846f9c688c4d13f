import { createHash, randomUUID } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { z } from 'zod';
import { createChannelActivities } from '../../activities/channels.ts';
import { announceFile, bindFiles, completeFile } from '../../db/attachments.ts';
import type { Database } from '../../db/orm.ts';
import { createFront } from '../../integrations/front.ts';
import { createLocalFiles, type LocalFiles } from '../../integrations/local-files.ts';
import { type FrontSimulator, startFrontSimulator } from '../../local/simulators/front.ts';
import { addTickets } from '../api/rows.ts';
import { openTestDatabase } from '../support/database.ts';

const apiToken = 'front-token-for-tests';
const secrets = { appSigningKey: 'front-app-signing-key', ruleSecret: 'front-rule-secret-1' };

let db: Database;
let front: FrontSimulator;
let directory: string;
let files: LocalFiles;
beforeAll(async () => {
  db = await openTestDatabase();
  await addTickets(db, 1);
  front = await startFrontSimulator({ deskUrl: 'http://127.0.0.1:1', apiToken, ...secrets });
  // So that there is a conversation to reply in; nobody takes the event.
  await sim('POST', 'events', { conversationId: 'cnv_1', body: 'Hello' });
  directory = await mkdtemp(join(tmpdir(), 'holdfast-reply-files-'));
  files = createLocalFiles({ directory, secret: 'a secret for tests, long enough', now: Date.now });
});
afterAll(async () => {
  await front.close();
  await db.close();
  await rm(directory, { recursive: true, force: true });
});

test('a reply by Front goes with its files, under their names and types, in their order', async () => {
  const pdf = Buffer.from(`%PDF-1.7 ${'x'.repeat(300_000)}`);
  const messageId = await reply([
    ['Rückgabe "neu".pdf', pdf, 'application/pdf'],
    ['note.txt', Buffer.from('A note.'), 'text/plain'],
  ]);
  const [call] = await sent();
  expect(call?.headers['content-type']).toMatch(/^multipart\/form-data; boundary=/);
  expect(call?.body).toEqual({
    body: 'See here.',
    text: 'See here.',
    'attachments[]': [
      { filename: 'Rückgabe "neu".pdf', content_type: 'application/pdf', size: pdf.length, sha256: digest(pdf) },
      { filename: 'note.txt', content_type: 'text/plain', size: 7, sha256: digest(Buffer.from('A note.')) },
    ],
  });
  const { rows } = await db.pool.query(
    'select accepted_at is not null as accepted from deliveries where message_id = $1',
    [messageId],
  );
  expect(rows).toEqual([{ accepted: true }]);
});

test('a reply without files stays JSON', async () => {
  await sim('DELETE', 'calls');
  await reply([]);
  const [call] = await sent();
  expect([call?.headers['content-type'], call?.body]).toEqual([
    'application/json',
    { body: 'See here.', text: 'See here.' },
  ]);
});

/** Sends a reply with the files as a worker does; answers its id. */
async function reply(attached: readonly (readonly [string, Buffer, string])[]): Promise<string> {
  const { pool } = db;
  const [messageId, textId, uploaderId] = [randomUUID(), randomUUID(), randomUUID()];
  const { rows } = await pool.query<{ id: string }>('select id from tickets');
  const ticketId = rows[0]?.id ?? '';
  await pool.query(`insert into texts (id, body) values ($1, 'See here.')`, [textId]);
  const ids: string[] = [];
  for (const [name, bytes, type] of attached) {
    const id = randomUUID();
    await announceFile(pool, { id, name, size: bytes.length, uploaderId }, Date.now());
    expect(await files.store({ id, size: bytes.length }, chunks(bytes))).toBe('stored');
    await completeFile(pool, id, type, Date.now());
    ids.push(id);
  }
  if (ids.length > 0) {
    expect(await bindFiles(pool, { ids, messageId, ticketId, uploaderId, mostBytes: 1e9 })).toBe(true);
  }
  const channels = createChannelActivities({
    pool,
    logger: pino({ level: 'silent' }),
    front: createFront({ apiUrl: front.url, apiToken }),
    files,
    cancelled: () => new AbortController().signal,
  });
  const result = await channels.send({ ticketId, requestId: randomUUID(), messageId, textId });
  expect(result).toEqual({ accepted: true, externalId: expect.any(String) });
  return messageId;
}

async function* chunks(bytes: Buffer): AsyncGenerator<Uint8Array> {
  yield bytes.subarray(0, 5);
  yield bytes.subarray(5);
}

const callsSchema = z.object({
  calls: z.array(z.object({ path: z.string(), headers: z.record(z.string(), z.string()), body: z.unknown() })),
});

async function sent() {
  const { calls } = callsSchema.parse(await sim('GET', 'calls'));
  return calls.filter(({ path }) => path === '/conversations/cnv_1/messages');
}

async function sim(method: string, path: string, body?: unknown): Promise<unknown> {
  const answer = await fetch(`${front.url}/_sim/${path}`, {
    method,
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  return answer.status === 204 ? undefined : answer.json();
}

function digest(bytes: Buffer): string {
  return createHash('sha256').update(bytes).digest('hex');
}
