/** The drafts of a ticket, oldest first, with their words, and who asked for one. */
import type { Pool } from 'pg';
import type { DRAFT_STATES } from '../../db/entities/draft.ts';
import type { Actor, Engine } from '../../domain/ticket.ts';

/** Instants in milliseconds since 1970. */
export interface DraftRow {
  id: string;
  messageId: string;
  state: (typeof DRAFT_STATES)[number];
  body: string;
  editedBody: string | null;
  engine: Engine;
  confidence: number;
  createdAt: number;
  decidedByKind: Actor['kind'] | null;
  decidedById: string | null;
  decidedAt: number | null;
  position: string;
}

const SELECT = `
  select d.id, d.message_id as "messageId", d.state, t.body, e.body as "editedBody", d.engine,
    d.confidence::text::float8 as confidence, d.created_at::text as position,
    (extract(epoch from d.created_at) * 1000)::float8 as "createdAt",
    d.decided_by_kind as "decidedByKind", d.decided_by_id as "decidedById",
    (extract(epoch from d.decided_at) * 1000)::float8 as "decidedAt"
  from drafts d
  join texts t on t.id = d.text_id
  left join texts e on e.id = d.edited_text_id
`;

/** At most `limit` drafts of the ticket after the position (creation time and id). */
export async function listDrafts(
  pool: Pool,
  ticketId: string,
  after: readonly string[] | null,
  limit: number,
): Promise<DraftRow[]> {
  const [createdAt, id] = after ?? ['-infinity', '00000000-0000-0000-0000-000000000000'];
  const { rows } = await pool.query<DraftRow>({
    name: 'drafts',
    text: `${SELECT} where d.ticket_id = $1 and (d.created_at, d.id) > ($2::timestamptz, $3::uuid)
           order by d.created_at, d.id limit $4`,
    values: [ticketId, createdAt, id, limit],
  });
  return rows;
}

/** The newest draft of the ticket that waits for a decision. */
export async function newestProposedDraft(pool: Pool, ticketId: string): Promise<DraftRow | undefined> {
  const { rows } = await pool.query<DraftRow>({
    name: 'draft-proposed',
    text: `${SELECT} where d.ticket_id = $1 and d.state = 'proposed' order by d.created_at desc, d.id desc limit 1`,
    values: [ticketId],
  });
  return rows[0];
}

/** One draft of the ticket. */
export async function findDraft(pool: Pool, ticketId: string, draftId: string): Promise<DraftRow | undefined> {
  const { rows } = await pool.query<DraftRow>({
    name: 'draft',
    text: `${SELECT} where d.ticket_id = $1 and d.id = $2`,
    values: [ticketId, draftId],
  });
  return rows[0];
}

/** Who asked for a draft, and when; milliseconds since 1970. */
export interface DraftRequestRow {
  draftId: string;
  messageId: string;
  byKind: Actor['kind'];
  byId: string | null;
  requestedAt: number;
}

/** The recorded request for the draft `draftId` of the ticket; throws where nobody asked for it. */
export async function findDraftRequest(pool: Pool, ticketId: string, draftId: string): Promise<DraftRequestRow> {
  const { rows } = await pool.query<DraftRequestRow>({
    name: 'draft-request',
    text: `select data ->> 'draftId' as "draftId", data ->> 'messageId' as "messageId", actor_kind as "byKind",
             actor_id as "byId", (extract(epoch from at) * 1000)::float8 as "requestedAt"
           from ticket_events where ticket_id = $1 and type = 'draft.requested' and data ->> 'draftId' = $2`,
    values: [ticketId, draftId],
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`Nobody asked for the draft ${draftId} of the ticket ${ticketId}.`);
  return row;
}
