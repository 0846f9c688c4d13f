/**
 * Recording: a ticket's row, its events, and the messages and drafts that follow from them, in one statement.
 *
 * Safe to run twice: the row is guarded by the version it had before. A row that is already ahead (this very record was
 * committed by a worker that died before it could say so) is answered with its state, and the workflow takes that over.
 */
import type { Pool, QueryConfig } from 'pg';
import { isRunning } from '../domain/sla.ts';
import type { TicketEvent } from '../domain/events.ts';
import type { Ticket } from '../domain/ticket.ts';
import { type Projection, projectionOf } from './projection.ts';

export interface TicketActivities {
  record(change: { before: number; ticket: Ticket; events: TicketEvent[] }): Promise<Recorded>;
  /** The ticket as it is recorded. */
  recall(asked: { ticketId: string }): Promise<Ticket>;
  handBack(refused: { inboxId: string }): Promise<void>;
}

interface Recorded {
  /** The recorded ticket when it is ahead of the run that asked; null when the change was taken. */
  ahead: Ticket | null;
  /** Whether a Slack is connected that shows tickets. */
  slack: boolean;
}

/** The recording activities on the database behind `pool`. */
export function createTicketActivities({ pool, slack }: { pool: Pool; slack: boolean }): TicketActivities {
  return {
    async record({ before, ticket, events }) {
      const { rowCount } = await pool.query(statement(ticket, events, before));
      return { ahead: rowCount === 1 ? null : await stateOf(pool, ticket.id), slack };
    },
    recall: ({ ticketId }) => stateOf(pool, ticketId),
    async handBack({ inboxId }) {
      // The relay finds the row again and, the ticket being closed, begins a follow-up with it. The relay that handed it
      // over may not have committed yet: its lock is waited for, so that its word is not the last.
      await pool.query({
        name: 'hand-back',
        text: `update inbox set state = 'received', ticket_id = null, applied_at = null
               where id = $1`,
        values: [inboxId],
      });
    },
  };
}

async function stateOf(pool: Pool, ticketId: string): Promise<Ticket> {
  const { rows } = await pool.query<{ state: Ticket }>('select state from tickets where id = $1', [ticketId]);
  const row = rows[0];
  if (row === undefined) throw new Error(`Ticket ${ticketId} has no row to change; was the database replaced?`);
  return row.state;
}

/** Everything hangs on the guarded row: where that is not written, nothing is. */
const CREATE = `
  with row as (
    insert into tickets (id, number, version, status, priority, channel, subject, requester_id, assignee_id, sla_due_at,
                         state, created_at, updated_at)
    select ($1::jsonb ->> 'id')::uuid, ($1::jsonb ->> 'number')::integer, ($1::jsonb ->> 'version')::integer,
           $1::jsonb ->> 'status', $1::jsonb ->> 'priority', $1::jsonb ->> 'channel',
           coalesce(nullif(t.subject, ''), nullif(left(t.body, 80), ''), '(no subject)'),
           ($1::jsonb ->> 'requesterId')::uuid, ($1::jsonb ->> 'assigneeId')::uuid,
           to_timestamp($4::double precision / 1000), $1::jsonb,
           to_timestamp(($1::jsonb ->> 'createdAt')::double precision / 1000),
           to_timestamp(($1::jsonb ->> 'updatedAt')::double precision / 1000)
    from texts t where t.id = $3
    on conflict (id) do nothing
    returning id
  )`;

const CHANGE = `
  with row as (
    update tickets set version = ($1::jsonb ->> 'version')::integer, status = $1::jsonb ->> 'status',
           priority = $1::jsonb ->> 'priority', assignee_id = ($1::jsonb ->> 'assigneeId')::uuid,
           sla_due_at = to_timestamp($4::double precision / 1000), state = $1::jsonb,
           updated_at = to_timestamp(($1::jsonb ->> 'updatedAt')::double precision / 1000)
    where id = ($1::jsonb ->> 'id')::uuid and version = $3
    returning id
  )`;

const EVENTS = `
  , events as (
    insert into ticket_events (ticket_id, sequence, type, at, actor_kind, actor_id, caused_by, data)
    select row.id, e.sequence, e.type, to_timestamp(e.at / 1000), e.actor ->> 'kind', e.actor ->> 'id', e."causedBy",
           e.data
    from row, jsonb_to_recordset($2::jsonb -> 'events')
      as e (sequence integer, type text, at double precision, actor jsonb, "causedBy" text, data jsonb)
  )`;

const PROJECTIONS: Readonly<Record<keyof Projection, string>> = {
  messages: `
  , messages_added as (
    insert into messages (id, ticket_id, direction, author_kind, author_id, text_id, state, draft_id, created_at,
                          external_id, reason_text_id, sent_at)
    select m.id, row.id, m.direction, m."authorKind", m."authorId", m."textId", m.state, m."draftId",
           to_timestamp(m.at / 1000), m."externalId", m."reasonTextId", to_timestamp(m."sentAt" / 1000)
    from row, jsonb_to_recordset($2::jsonb -> 'messages')
      as m (id uuid, direction text, "authorKind" text, "authorId" text, "textId" uuid, state text, "draftId" uuid,
            at double precision, "externalId" text, "reasonTextId" uuid, "sentAt" double precision)
  )`,
  settledMessages: `
  , messages_settled as (
    update messages set state = m.state, external_id = m."externalId", reason_text_id = m."reasonTextId",
           sent_at = to_timestamp(m."sentAt" / 1000)
    from row, jsonb_to_recordset($2::jsonb -> 'settledMessages')
      as m (id uuid, state text, "externalId" text, "reasonTextId" uuid, "sentAt" double precision)
    where messages.id = m.id
  )`,
  drafts: `
  , drafts_added as (
    insert into drafts (id, ticket_id, message_id, text_id, state, engine, confidence, created_at, edited_text_id,
                        decided_by_kind, decided_by_id, decided_at)
    select d.id, row.id, d."messageId", d."textId", d.state, d.engine, d.confidence, to_timestamp(d.at / 1000),
           d."editedTextId", d."byKind", d."byId", to_timestamp(d."decidedAt" / 1000)
    from row, jsonb_to_recordset($2::jsonb -> 'drafts')
      as d (id uuid, "messageId" uuid, "textId" uuid, state text, engine text, confidence real, at double precision,
            "editedTextId" uuid, "byKind" text, "byId" text, "decidedAt" double precision)
  )`,
  decidedDrafts: `
  , drafts_decided as (
    update drafts set state = d.state, edited_text_id = d."editedTextId", decided_by_kind = d."byKind",
           decided_by_id = d."byId", decided_at = to_timestamp(d."decidedAt" / 1000)
    from row, jsonb_to_recordset($2::jsonb -> 'decidedDrafts')
      as d (id uuid, state text, "editedTextId" uuid, "byKind" text, "byId" text, "decidedAt" double precision)
    where drafts.id = d.id
  )`,
};
const PROJECTED = ['messages', 'settledMessages', 'drafts', 'decidedDrafts'] as const;

/** The statement with what this change has rows for, prepared under a name of its own; most changes have few. */
function statement(ticket: Ticket, events: TicketEvent[], before: number): QueryConfig {
  const rows = projectionOf(events);
  const parts = PROJECTED.filter((part) => rows[part].length > 0);
  const guard = before === 0 ? firstTextId(ticket, events) : before;
  const dueAt = isRunning(ticket.firstResponse) ? ticket.firstResponse.dueAt : null;
  return {
    name: [before === 0 ? 'ticket-create' : 'ticket-change', ...parts].join('-'),
    text: [
      before === 0 ? CREATE : CHANGE,
      EVENTS,
      ...parts.map((part) => PROJECTIONS[part]),
      'select id from row',
    ].join(''),
    values: [JSON.stringify(ticket), JSON.stringify({ events, ...rows }), guard, dueAt],
  };
}

function firstTextId(ticket: Ticket, events: TicketEvent[]): string {
  const first = events.find((event) => event.type === 'message.received');
  if (first === undefined) throw new Error(`Ticket ${ticket.id} cannot be created without its first message.`);
  return first.data.textId;
}
