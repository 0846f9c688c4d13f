/** The messages of a ticket, oldest first, with their words and what became of their delivery. */
import type { Pool } from 'pg';
import type { MESSAGE_DIRECTIONS, MESSAGE_STATES } from '../../db/entities/message.ts';
import type { Actor } from '../../domain/ticket.ts';

/** Instants in milliseconds since 1970. */
export interface MessageRow {
  id: string;
  direction: (typeof MESSAGE_DIRECTIONS)[number];
  state: (typeof MESSAGE_STATES)[number];
  authorKind: Actor['kind'];
  authorId: string | null;
  body: string;
  draftId: string | null;
  failureReason: string | null;
  createdAt: number;
  sentAt: number | null;
  attempts: number | null;
  lastError: string | null;
  lastAttemptAt: number | null;
  position: string;
}

const SELECT = `
  select m.id, m.direction, m.state, m.author_kind as "authorKind", m.author_id as "authorId", t.body,
    m.draft_id as "draftId", r.body as "failureReason", m.created_at::text as position,
    (extract(epoch from m.created_at) * 1000)::float8 as "createdAt",
    (extract(epoch from m.sent_at) * 1000)::float8 as "sentAt",
    d.attempts, d.last_error as "lastError", (extract(epoch from d.last_attempt_at) * 1000)::float8 as "lastAttemptAt"
  from messages m
  join texts t on t.id = m.text_id
  left join texts r on r.id = m.reason_text_id
  left join deliveries d on d.message_id = m.id
`;

/** At most `limit` messages of the ticket after the position (creation time and id). */
export async function listMessages(
  pool: Pool,
  ticketId: string,
  after: readonly string[] | null,
  limit: number,
): Promise<MessageRow[]> {
  const [createdAt, id] = after ?? ['-infinity', '00000000-0000-0000-0000-000000000000'];
  const { rows } = await pool.query<MessageRow>({
    name: 'messages',
    text: `${SELECT} where m.ticket_id = $1 and (m.created_at, m.id) > ($2::timestamptz, $3::uuid)
           order by m.created_at, m.id limit $4`,
    values: [ticketId, createdAt, id, limit],
  });
  return rows;
}

/** One message of the ticket. */
export async function findMessage(pool: Pool, ticketId: string, messageId: string): Promise<MessageRow | undefined> {
  const { rows } = await pool.query<MessageRow>({
    name: 'message',
    text: `${SELECT} where m.ticket_id = $1 and m.id = $2`,
    values: [ticketId, messageId],
  });
  return rows[0];
}
