/**
 * Recording: a ticket's row, its events, and the messages and drafts that follow from them, in one statement.
 *
 * Safe to run twice: the row is guarded by the version it had before. A row that is already ahead (this very record was
 * committed by a worker that died before it could say so) is answered with its state, and the workflow takes that over.
 */
import { DatabaseError, type Pool, type QueryConfig } from 'pg';
import type { Logger } from 'pino';
import { DISPATCH_CHANNEL } from '../db/agents.ts';
import { createAnnouncer } from '../db/announcer.ts';
import { EVENTS_CHANNEL } from '../db/event-feed.ts';
import { earliestDue } from '../domain/clock.ts';
import type { TicketEvent } from '../domain/events.ts';
import { isLate, isNearDeadline, isWaiting, type Ticket } from '../domain/ticket.ts';
import { measureEdits } from './edited-drafts.ts';
import { type Projection, projectionOf } from './projection.ts';

export interface TicketActivities {
  record(change: TicketChange): Promise<Recorded>;
  /** The ticket as it is recorded. */
  recall(asked: { ticketId: string }): Promise<Ticket>;
  handBack(refused: { inboxId: string }): Promise<void>;
}

interface TicketChange {
  /** The version that the row must have; 0 for none. */
  before: number;
  ticket: Ticket;
  events: TicketEvent[];
  /** Whose capacity the ticket took before, and takes now. */
  seats: { from: string | null; to: string | null };
}

export interface Recorded {
  /** Whether the change was written; if not, nothing was. */
  taken: boolean;
  /** The recorded ticket when it is ahead of the run that asked; null also when somebody has no room. */
  ahead: Ticket | null;
  /** Whether a Slack is connected that shows tickets. */
  slack: boolean;
}

interface Deps {
  pool: Pool;
  /** Whether a Slack is connected. */
  slack: boolean;
  logger: Logger;
}

/** What `move_seat` and `check_merge` raise when the agent has no room, or the other ticket takes no other. */
const NO_ROOM = ['HF001', 'HF002'];

/** The recording activities on the database behind `pool`. */
export function createTicketActivities({ pool, slack, logger }: Deps): TicketActivities {
  const tellFollowers = createAnnouncer(pool, EVENTS_CHANNEL, logger);
  const tellDispatcher = createAnnouncer(pool, DISPATCH_CHANNEL, logger);
  return {
    async record(change) {
      try {
        const rows = projectionOf(change.events);
        await measureEdits(pool, rows.decidedDrafts);
        const { rowCount } = await pool.query(statement(change, rows));
        if (rowCount === 1) {
          tellFollowers();
          if (concernsDispatch(change)) tellDispatcher();
        }
        const ahead = rowCount === 1 ? null : await stateOf(pool, change.ticket.id);
        return { taken: ahead === null, ahead, slack };
      } catch (error) {
        if (!(error instanceof DatabaseError) || !NO_ROOM.includes(error.code ?? '')) throw error;
        return { taken: false, ahead: null, slack };
      }
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

/** Whether the ticket waits for an agent, or an agent has room again. */
function concernsDispatch({ ticket, seats }: TicketChange): boolean {
  return isWaiting(ticket) || (seats.from !== null && seats.from !== seats.to);
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
                         state, created_at, updated_at, support_type, team_id, severity, tags, waiting, settings_version,
                         custom_fields)
    select ($1::jsonb ->> 'id')::uuid, ($1::jsonb ->> 'number')::integer, ($1::jsonb ->> 'version')::integer,
           $1::jsonb ->> 'status', $1::jsonb ->> 'priority', $1::jsonb ->> 'channel',
           coalesce(nullif(t.subject, ''), nullif(left(t.body, 80), ''), '(no subject)'),
           ($1::jsonb ->> 'requesterId')::uuid, ($1::jsonb ->> 'assigneeId')::uuid,
           to_timestamp($4::double precision / 1000), $1::jsonb,
           to_timestamp(($1::jsonb ->> 'createdAt')::double precision / 1000),
           to_timestamp(($1::jsonb ->> 'updatedAt')::double precision / 1000),
           $1::jsonb #>> '{supportType,id}', $1::jsonb ->> 'teamId', $1::jsonb ->> 'severity', $1::jsonb -> 'tags', $5,
           coalesce(($1::jsonb #>> '{policy,version}')::integer, 0),
           coalesce((select f.body::jsonb from texts f where f.id = $6), '{}')
    from texts t where t.id = $3
    on conflict (id) do nothing
    returning id
  )`;

const CHANGE = `
  with row as (
    update tickets set version = ($1::jsonb ->> 'version')::integer, status = $1::jsonb ->> 'status',
           priority = $1::jsonb ->> 'priority', assignee_id = ($1::jsonb ->> 'assigneeId')::uuid,
           sla_due_at = to_timestamp($4::double precision / 1000), state = $1::jsonb,
           updated_at = to_timestamp(($1::jsonb ->> 'updatedAt')::double precision / 1000),
           support_type = $1::jsonb #>> '{supportType,id}', team_id = $1::jsonb ->> 'teamId',
           severity = $1::jsonb ->> 'severity', tags = $1::jsonb -> 'tags', waiting = $5,
           late = ($2::jsonb ->> 'late')::boolean, at_risk = ($2::jsonb ->> 'atRisk')::boolean,
           settings_version = coalesce(($1::jsonb #>> '{policy,version}')::integer, 0),
           merged_into = ($1::jsonb #>> '{merged,into}')::uuid, snoozed = $1::jsonb -> 'snoozed' <> 'null',
           custom_fields = coalesce((select f.body::jsonb from texts f where f.id = $6), custom_fields),
           subject = coalesce((select s.body from texts s where s.id = $7), subject)
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
                          external_id, reason_text_id, sent_at, send_at)
    select m.id, row.id, m.direction, m."authorKind", m."authorId", m."textId", m.state, m."draftId",
           to_timestamp(m.at / 1000), m."externalId", m."reasonTextId", to_timestamp(m."sentAt" / 1000),
           to_timestamp(m."sendAt" / 1000)
    from row, jsonb_to_recordset($2::jsonb -> 'messages')
      as m (id uuid, direction text, "authorKind" text, "authorId" text, "textId" uuid, state text, "draftId" uuid,
            at double precision, "externalId" text, "reasonTextId" uuid, "sentAt" double precision,
            "sendAt" double precision)
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
    update drafts set state = d.state, edited_text_id = d."editedTextId", edit_distance = d."editDistance",
           decided_by_kind = d."byKind", decided_by_id = d."byId", decided_at = to_timestamp(d."decidedAt" / 1000)
    from row, jsonb_to_recordset($2::jsonb -> 'decidedDrafts')
      as d (id uuid, state text, "editedTextId" uuid, "editDistance" integer, "byKind" text, "byId" text,
            "decidedAt" double precision)
    where drafts.id = d.id
  )`,
  links: `
  , links_added as (
    insert into ticket_links (ticket_id, other_id, kind, created_at)
    select row.id, l."otherId", l.kind, to_timestamp(l.at / 1000)
    from row, jsonb_to_recordset($2::jsonb -> 'links') as l ("otherId" uuid, kind text, at double precision)
    on conflict do nothing
  )`,
  unlinked: `
  , links_removed as (
    delete from ticket_links using row, jsonb_to_recordset($2::jsonb -> 'unlinked') as l ("otherId" uuid, kind text)
    where ticket_links.ticket_id = row.id and ticket_links.other_id = l."otherId" and ticket_links.kind = l.kind
  )`,
};
const PROJECTED = ['messages', 'settledMessages', 'drafts', 'decidedDrafts', 'links', 'unlinked'] as const;

/** Names the guards' parameters with their types: a statement takes those only that stand in it. */
const GIVEN = `
  , given as (select $7::uuid as subject, $8::uuid as "from", $9::uuid as "to", $10::boolean as must, $11::uuid as "into")`;

/** What else must hold for the row to be written; a function that refuses undoes the whole statement. */
const GUARDS = {
  seat: ', seat as (select move_seat($8, $9, $10) from row)',
  merge: ', merge as (select check_merge($11) from row)',
} as const;
const GUARDED = ['seat', 'merge'] as const;

/** The statement with what this change has rows for, prepared under a name of its own; most changes have few. */
function statement({ before, ticket, events, seats }: TicketChange, rows: Projection): QueryConfig {
  const parts = PROJECTED.filter((part) => rows[part].length > 0);
  const merge = events.findLast((event) => event.type === 'ticket.merged')?.data.into ?? null;
  const moved = seats.from !== seats.to;
  const has = { seat: moved, merge: merge !== null };
  const guards = GUARDED.filter((guard) => has[guard]);
  const texts = textsOf(events);
  const values = [
    JSON.stringify(ticket),
    JSON.stringify({ events, ...rows, late: isLate(ticket), atRisk: isNearDeadline(ticket) }),
    before === 0 ? firstTextId(ticket, events) : before,
    earliestDue(Object.values(ticket.clocks)),
    isWaiting(ticket),
    texts.fields,
    ...(before === 0 && guards.length === 0 ? [] : [texts.subject]),
    ...(guards.length > 0 ? [seats.from, seats.to, isHandedOut(events), merge] : []),
  ];
  return {
    name: [before === 0 ? 'ticket-create' : 'ticket-change', ...parts, ...guards].join('-'),
    text: [
      before === 0 ? CREATE : CHANGE,
      EVENTS,
      ...parts.map((part) => PROJECTIONS[part]),
      guards.length > 0 ? GIVEN : '',
      ...guards.map((guard) => GUARDS[guard]),
      ['\n  select id from row', ...guards].join(' cross join '),
    ].join(''),
    values,
  };
}

/** The texts that become columns of the row itself, in the newest change of each. */
function textsOf(events: readonly TicketEvent[]) {
  let [fields, subject]: (string | null)[] = [null, null];
  for (const { type, data } of events) {
    if (type === 'ticket.created') fields = data.fieldsTextId;
    if (type !== 'ticket.changed') continue;
    fields = data.fieldsTextId ?? fields;
    subject = data.subjectTextId ?? subject;
  }
  return { fields: fields ?? null, subject: subject ?? null };
}

function isHandedOut(events: readonly TicketEvent[]): boolean {
  return events.some((event) => event.type === 'ticket.assigned' && event.data.handOut);
}

function firstTextId(ticket: Ticket, events: readonly TicketEvent[]): string {
  const first = events.find((event) => event.type === 'message.received');
  if (first === undefined) throw new Error(`Ticket ${ticket.id} cannot be created without its first message.`);
  return first.data.textId;
}
