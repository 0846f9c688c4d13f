/** The messages of a ticket, oldest first, with their words and what became of their delivery. */
import type { Pool } from 'pg';
import type { MESSAGE_DIRECTIONS, MESSAGE_STATES } from '../../db/entities/message.ts';
import type { Viewer } from '../../domain/scope.ts';
import type { Attachment } from '../../domain/attachment.ts';
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
  sendAt: number | null;
  sentAt: number | null;
  attempts: number | null;
  lastError: string | null;
  lastAttemptAt: number | null;
  attachments: Attachment[];
  position: string;
}

const SELECT = `
  select m.id, m.direction, m.state, m.author_kind as "authorKind", m.author_id as "authorId", t.body,
    m.draft_id as "draftId", r.body as "failureReason", m.created_at::text as position,
    (extract(epoch from m.created_at) * 1000)::float8 as "createdAt",
    (extract(epoch from m.send_at) * 1000)::float8 as "sendAt",
    (extract(epoch from m.sent_at) * 1000)::float8 as "sentAt",
    d.attempts, d.last_error as "lastError", (extract(epoch from d.last_attempt_at) * 1000)::float8 as "lastAttemptAt",
    (select coalesce(json_agg(json_build_object('id', a.id, 'name', a.name, 'type', a.type, 'size', a.size)
                              order by a.position), '[]')
     from attachments a where a.message_id = m.id) as attachments
  from messages m
  join texts t on t.id = m.text_id
  left join texts r on r.id = m.reason_text_id
  left join deliveries d on d.message_id = m.id
`;

/** What a customer sees of the messages `m`: what he wrote, and what reached him. */
export const PUBLIC_MESSAGES = `m.direction <> 'internal' and m.state in ('received', 'sent')`;
const PUBLIC = `and ${PUBLIC_MESSAGES}`;

/** At most `limit` messages of the ticket that `viewer` sees, after the position (creation time and id). */
export function listMessages(
  pool: Pool,
  viewer: Viewer,
  ticketId: string,
  after: readonly string[] | null,
  limit: number,
): Promise<MessageRow[]> {
  const which = viewer.customerId === null ? { name: 'messages', only: '' } : { name: 'messages-public', only: PUBLIC };
  return list(pool, which, ticketId, after, limit);
}

/** At most `limit` notes on the ticket after the position (creation time and id). */
export function listNotes(
  pool: Pool,
  ticketId: string,
  after: readonly string[] | null,
  limit: number,
): Promise<MessageRow[]> {
  return list(pool, { name: 'notes', only: `and m.direction = 'internal'` }, ticketId, after, limit);
}

async function list(
  pool: Pool,
  { name, only }: { name: string; only: string },
  ticketId: string,
  after: readonly string[] | null,
  limit: number,
): Promise<MessageRow[]> {
  const [createdAt, id] = after ?? ['-infinity', '00000000-0000-0000-0000-000000000000'];
  const { rows } = await pool.query<MessageRow>({
    name,
    text: `${SELECT} where m.ticket_id = $1 and (m.created_at, m.id) > ($2::timestamptz, $3::uuid) ${only}
           order by m.created_at, m.id limit $4`,
    values: [ticketId, createdAt, id, limit],
  });
  return rows;
}

/** One message of the ticket, if `viewer` sees it. */
export async function findMessage(
  pool: Pool,
  viewer: Viewer,
  ticketId: string,
  messageId: string,
): Promise<MessageRow | undefined> {
  const isPublic = viewer.customerId !== null;
  const { rows } = await pool.query<MessageRow>({
    name: isPublic ? 'message-public' : 'message',
    text: `${SELECT} where m.ticket_id = $1 and m.id = $2 ${isPublic ? PUBLIC : ''}`,
    values: [ticketId, messageId],
  });
  return rows[0];
}

/** What a customer wrote, and when, in milliseconds since 1970. */
export interface InboundMessage {
  id: string;
  body: string;
  html: string | null;
  from: { email: string; name: string | null };
  writtenAt: number;
}

/** Those of the messages `ids` that customers wrote on the ticket, oldest first. */
export async function findInbound(pool: Pool, ticketId: string, ids: readonly string[]): Promise<InboundMessage[]> {
  const { rows } = await pool.query<InboundMessage>({
    name: 'messages-inbound',
    text: `select m.id, t.body, t.html, json_build_object('email', c.email, 'name', c.name) as from,
             floor(extract(epoch from m.created_at) * 1000)::float8 as "writtenAt"
           from messages m join texts t on t.id = m.text_id
           join customers c on c.id = case when m.direction = 'inbound' then m.author_id::uuid end
           where m.ticket_id = $1 and m.id = any($2::uuid[])
           order by m.created_at, m.id`,
    values: [ticketId, ids],
  });
  return rows;
}
