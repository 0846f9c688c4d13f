/**
 * The rows of files: announced, complete, bound to a message, removed. The bytes lie elsewhere (integrations/files.ts).
 *
 * A file is bound before its message's command is sent, and freed when that is refused: a message is never recorded without
 * its files. One whose command got no verdict stays bound, so that a repeat finds it, and is an orphan after a day.
 */
import type { Pool, PoolClient } from 'pg';
import type { Attachment } from '../domain/attachment.ts';
import { inTransaction } from './transaction.ts';

/** How many files one person may have lying about that belong to no message. */
const MOST_UNBOUND = 100;

export interface AnnouncedFile {
  id: string;
  name: string;
  /** In bytes. */
  size: number;
  uploaderId: string;
}

/** Notes a file that is to come, at `at` (milliseconds since 1970); false where its uploader has too many unbound ones. */
export async function announceFile(pool: Pool, { id, name, size, uploaderId }: AnnouncedFile, at: number) {
  const { rows } = await pool.query<{ known: boolean }>({
    name: 'attachment-announce',
    text: `with added as (
             insert into attachments (id, name, size, uploader_id, created_at)
             select $1, $2, $3, $4, to_timestamp($5::float8 / 1000)
             where (select count(*) from attachments where uploader_id = $4 and message_id is null) < ${MOST_UNBOUND}
             on conflict (id) do nothing
             returning id
           )
           select exists (select from added) or exists (select from attachments where id = $1) as known`,
    values: [id, name, size, uploaderId, at],
  });
  return rows[0]?.known === true;
}

export interface FileRow {
  id: string;
  name: string;
  size: number;
  /** Null until the file is complete. */
  type: string | null;
}

/** The file `id`, whoever may see it; for whoever holds a signed link. */
export async function findFile(pool: Pool, id: string): Promise<FileRow | undefined> {
  const { rows } = await pool.query<FileRow>({
    name: 'attachment-find',
    text: 'select id, name, size::float8 as size, type from attachments where id = $1',
    values: [id],
  });
  return rows[0];
}

/** The file is there whole, and of this type; a second time changes nothing. */
export async function completeFile(pool: Pool, id: string, type: string, at: number): Promise<void> {
  await pool.query({
    name: 'attachment-complete',
    text: `update attachments set type = $2, completed_at = to_timestamp($3::float8 / 1000)
           where id = $1 and completed_at is null`,
    values: [id, type, at],
  });
}

export interface Binding {
  /** In the order in which they are shown. */
  ids: readonly string[];
  messageId: string;
  ticketId: string;
  uploaderId: string;
  /** How much they may have together, in bytes. */
  mostBytes: number;
}

/**
 * Binds the uploader's complete files to a message, all or none; true also when they were bound to it before. False when
 * one is not his, not complete, bound to another message, or when they are too large together.
 */
export async function bindFiles(pool: Pool, binding: Binding): Promise<boolean> {
  const { ids, messageId, ticketId, uploaderId, mostBytes } = binding;
  const { rowCount } = await pool.query({
    name: 'attachments-bind',
    text: `with mine as (
             select id, size from attachments
             where id = any($1::uuid[]) and uploader_id = $4 and completed_at is not null
               and (message_id is null or message_id = $2)
             order by id for update
           )
           update attachments a
           set message_id = $2, ticket_id = $3, position = array_position($1::uuid[], a.id)
           from mine
           where a.id = mine.id and (select count(*) from mine) = cardinality($1::uuid[])
             and (select sum(size) from mine) <= $5`,
    values: [ids, messageId, ticketId, uploaderId, mostBytes],
  });
  return rowCount === ids.length;
}

/** Frees the files of a message that was refused, so that another may take them. */
export async function freeFiles(pool: Pool, messageId: string): Promise<void> {
  await pool.query({
    name: 'attachments-free',
    text: 'update attachments set message_id = null, ticket_id = null, position = null where message_id = $1',
    values: [messageId],
  });
}

/** The files of a message, in their order. */
export async function filesOfMessage(pool: Pool, messageId: string): Promise<Attachment[]> {
  const { rows } = await pool.query<Attachment>({
    name: 'attachments-of-message',
    text: 'select id, name, type, size::float8 as size from attachments where message_id = $1 order by position',
    values: [messageId],
  });
  return rows;
}

/** Where the bytes lie, as far as removing them goes; to remove what is not there is no fault. */
export interface StoredFiles {
  remove(id: string): Promise<void>;
}

/**
 * Removes at most 100 files older than `ageMs` that no recorded message has; answers how many. Nobody can bind one while it
 * is being removed.
 */
export function removeOrphans(pool: Pool, stored: StoredFiles, ageMs: number): Promise<number> {
  return inTransaction(pool, async (client) => {
    const { rows } = await client.query<{ id: string }>({
      name: 'attachments-orphaned',
      text: `select a.id from attachments a
             where a.created_at < now() - $1::float8 * interval '1 millisecond'
               and not exists (select from messages m where m.id = a.message_id)
             order by a.created_at limit 100 for update skip locked`,
      values: [ageMs],
    });
    const ids = rows.map(({ id }) => id);
    await removeFiles(client, stored, ids);
    return ids.length;
  });
}

/**
 * Removes files for good, bytes first, so that a removal that was interrupted can be done again; an id that is unknown, or
 * was removed before, is none. Throws what `stored` throws; what came before it is removed then.
 */
export async function removeFiles(db: Pool | PoolClient, stored: StoredFiles, ids: readonly string[]): Promise<void> {
  for (const id of ids) {
    await stored.remove(id);
    await db.query({ name: 'attachment-remove', text: 'delete from attachments where id = $1', values: [id] });
  }
}
