/**
 * A command whose message has files: they are bound to the message first, all or none; then the command; a refusal frees
 * them again.
 *
 * Does not promise to free them when no verdict came: the command may yet be taken, and a repeat under the same
 * Idempotency-Key finds them bound to its message.
 */
import { bindFiles, freeFiles } from '../db/attachments.ts';
import { MOST_FILE_BYTES, MOST_FILES_A_MESSAGE } from '../domain/attachment.ts';
import { DeskError, ERRORS } from '../domain/errors.ts';
import type { PersonCommand } from '../domain/person-commands.ts';
import { z } from 'zod';
import { execute, type Words } from './execute.ts';
import type { Principal } from './principal.ts';
import type { Services } from './services.ts';

/** The files of a message, by their ids, in a request. */
export const attachmentIds = z
  .array(z.guid('must be the id of an attachment').toLowerCase())
  .max(MOST_FILES_A_MESSAGE)
  .refine((ids) => new Set(ids).size === ids.length, 'must not name a file twice')
  .meta({
    description: 'Complete files of yours that belong to no message yet, in the order in which they are shown.',
  });

/** Executes `command`, whose message `messageId` has the files `ids` of `principal`; throws as {@link execute} does. */
export async function executeWithFiles(
  services: Services,
  principal: Principal,
  { ids, messageId }: { ids: readonly string[]; messageId: string },
  ticketId: string,
  command: PersonCommand,
  words: readonly Words[],
): Promise<void> {
  if (ids.length === 0) return execute(services, ticketId, command, words);
  const { pool } = services;
  const binding = { ids, messageId, ticketId, uploaderId: principal.id, mostBytes: MOST_FILE_BYTES };
  if (!(await bindFiles(pool, binding))) throw notYours();
  try {
    await execute(services, ticketId, command, words);
  } catch (error) {
    if (error instanceof DeskError && !ERRORS[error.code].retryable) await freeFiles(pool, messageId);
    throw error;
  }
}

function notYours(): DeskError {
  const megabytes = MOST_FILE_BYTES / 1024 / 1024;
  const message = `must name complete files of yours that belong to no other message, together at most ${megabytes} MiB`;
  return new DeskError('invalid_request', `"attachments" ${message}.`, { errors: [{ path: 'attachments', message }] });
}
