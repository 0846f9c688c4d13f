/** Files, for whoever sees the message that has them; before a message has them, for their uploader alone. */
import type { Pool } from 'pg';
import type { FileRow } from '../../db/attachments.ts';
import { DeskError } from '../../domain/errors.ts';
import { isId } from '../ids.ts';
import type { Principal } from '../principal.ts';
import { PUBLIC_MESSAGES } from './messages.ts';
import { visibleTickets } from './visible.ts';

export interface AttachmentRow extends FileRow {
  messageId: string | null;
  ticketId: string | null;
  /** Milliseconds since 1970. */
  createdAt: number;
}

/** The file `id`, if `principal` sees it; throws `not_found`. */
export async function findAttachment(pool: Pool, principal: Principal, id: string): Promise<AttachmentRow> {
  const values: unknown[] = [id, principal.id];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const seen = [
    'm.id = a.message_id',
    ...(principal.customerId === null ? [] : [PUBLIC_MESSAGES]),
    ...visibleTickets(principal, 't', bind),
  ].join(' and ');
  const text = `
    select a.id, a.name, a.size::float8 as size, a.type, a.message_id as "messageId", a.ticket_id as "ticketId",
      (extract(epoch from a.created_at) * 1000)::float8 as "createdAt"
    from attachments a
    where a.id = $1 and case when exists (select from messages m where m.id = a.message_id)
      then exists (select from messages m join tickets t on t.id = m.ticket_id where ${seen})
      else a.uploader_id = $2 end`;
  const { rows } = isId(id) ? await pool.query<AttachmentRow>({ text, values }) : { rows: [] };
  if (rows[0] === undefined) throw attachmentNotFound(id);
  return rows[0];
}

/** The file `id`, if `principal` uploaded it, wherever it went since; throws `not_found`. */
export async function findOwnAttachment(pool: Pool, principal: Principal, id: string): Promise<AttachmentRow> {
  const { rows } = isId(id)
    ? await pool.query<AttachmentRow>({
        name: 'attachment-own',
        text: `select id, name, size::float8 as size, type, message_id as "messageId", ticket_id as "ticketId",
                 (extract(epoch from created_at) * 1000)::float8 as "createdAt"
               from attachments where id = $1 and uploader_id = $2`,
        values: [id, principal.id],
      })
    : { rows: [] };
  if (rows[0] === undefined) throw attachmentNotFound(id);
  return rows[0];
}

function attachmentNotFound(id: string): DeskError {
  const detail = `There is no attachment "${id.slice(0, 60)}"; give the id that POST /api/v1/attachments answered.`;
  return new DeskError('not_found', detail);
}
