/**
 * Everything that is kept of a customer, a page of his tickets at a time: read in one transaction, so that a page is of one
 * moment. A page holds as many tickets as have 16 MB of texts together, and one at least.
 *
 * Does not hold the files themselves, only their names; nor secrets, such as the hash of his password.
 */
import type { Pool, PoolClient } from 'pg';
import { addressPattern, HIS_LEDGER_ROW, HIS_MESSAGES, HIS_TEXTS } from '../../db/customer-texts.ts';
import { inTransaction, patient } from '../../db/transaction.ts';
import type { CustomerExport } from '../shapes/customer-export.ts';

const MOST_TICKETS = 100;
const MOST_BYTES = 16 * 1024 * 1024;
/** The ledger is searched through for the address, which no index helps. */
const PATIENCE_MS = 5 * 60_000;

/** A page of the export, and the position (creation time and id) of its last ticket; null when no ticket is left. */
export interface ExportPage {
  page: Omit<CustomerExport, 'nextCursor' | 'exportedAt'>;
  next: [createdAt: string, id: string] | null;
}

/** The page behind the position; what belongs to no ticket is on the first. Null where there is no such customer. */
export function readCustomerExport(
  pool: Pool,
  customerId: string,
  after: readonly string[] | null,
): Promise<ExportPage | null> {
  return inTransaction(
    pool,
    async (client) => {
      await client.query(`set local statement_timeout = ${PATIENCE_MS}`);
      const [profile] = await json<CustomerExport['customer']>(client, PROFILE, [customerId]);
      if (profile === undefined) return null;
      const [createdAt, id] = after ?? ['-infinity', '00000000-0000-0000-0000-000000000000'];
      const { rows } = await client.query<Candidate>(CANDIDATES, [customerId, createdAt, id]);
      const chosen = fitting(rows);
      const ids = chosen.map((ticket) => ticket.id);
      const first = after === null;
      const pattern = addressPattern(profile.email);
      const last = chosen.at(-1);
      return {
        page: {
          customer: profile,
          logins: first ? await json(client, LOGINS, [customerId]) : [],
          tickets: await json(client, TICKETS, [customerId, ids]),
          messagesElsewhere: first ? await json(client, ELSEWHERE, [customerId]) : [],
          otherTexts: first ? await json(client, OTHER_TEXTS, [customerId]) : [],
          advice: first ? await json(client, ADVICE, [customerId]) : [],
          inbox: first ? await json(client, INBOX, [customerId, pattern]) : [],
        },
        next: last !== undefined && chosen.length < rows.length ? [last.position, last.id] : null,
      };
    },
    'isolation level repeatable read read only',
  );
}

interface Candidate {
  id: string;
  /** The exact time in PostgreSQL's words. */
  position: string;
  bytes: number;
}

/** One more than a page has at most, so that it is known whether there is a next one. */
const CANDIDATES = `
  select t.id, t.created_at::text as position,
         coalesce((
           select sum(length(x.body) + coalesce(length(x.html), 0)) from messages m join texts x on x.id = m.text_id
           where m.ticket_id = t.id
         ), 0)::float8 as bytes
  from tickets t
  where t.requester_id = $1 and (t.created_at, t.id) > ($2::timestamptz, $3::uuid)
  order by t.created_at, t.id limit ${MOST_TICKETS + 1}
`;

function fitting(candidates: readonly Candidate[]): Candidate[] {
  let bytes = 0;
  const over = candidates.findIndex((ticket, index) => {
    bytes += ticket.bytes;
    return index > 0 && (bytes > MOST_BYTES || index >= MOST_TICKETS);
  });
  return over === -1 ? [...candidates] : candidates.slice(0, over);
}

function iso(column: string): string {
  return `to_char(${column} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`;
}

const PROFILE = `
  select json_build_object(
    'id', c.id, 'email', c.email, 'name', c.name, 'tier', c.tier,
    'organisation', case when o.id is not null then json_build_object('id', o.id, 'name', o.name) end,
    'createdAt', ${iso('c.created_at')}, 'updatedAt', ${iso('c.updated_at')}) as it
  from customers c left join organisations o on o.id = c.organisation_id
  where c.id = $1 and c.erased_at is null
`;
const LOGINS = `
  select json_build_object(
    'id', u.id, 'email', u.email, 'name', u.name, 'createdAt', ${iso('u.created_at')},
    'disabledAt', ${iso('u.disabled_at')},
    'sessions', (
      select coalesce(json_agg(json_build_object('createdAt', ${iso('s.created_at')}, 'lastUsedAt', ${iso('s.last_used_at')},
        'endedAt', ${iso('s.ended_at')}) order by s.created_at), '[]')
      from sessions s where s.user_id = u.id)) as it
  from users u where u.customer_id = $1
`;

const MESSAGE = `
  json_build_object(
    'id', m.id, 'direction', m.direction, 'authorKind', m.author_kind, 'state', m.state, 'subject', x.subject,
    'body', x.body, 'html', x.html, 'failureReason', r.body, 'createdAt', ${iso('m.created_at')},
    'sentAt', ${iso('m.sent_at')},
    'attachments', (
      select coalesce(json_agg(json_build_object('id', a.id, 'name', a.name, 'type', a.type, 'size', a.size)
                               order by a.position), '[]')
      from attachments a where a.message_id = m.id))
`;
const TICKETS = `
  select json_build_object(
    'id', t.id, 'reference', 'T-' || t.number, 'subject', t.subject, 'status', t.status, 'priority', t.priority,
    'channel', t.channel, 'supportType', t.support_type, 'tags', t.tags, 'customFields', t.custom_fields,
    'triage', t.state -> 'triage', 'conversationId', t.state ->> 'conversationId',
    'createdAt', ${iso('t.created_at')}, 'updatedAt', ${iso('t.updated_at')},
    'messages', (
      select coalesce(json_agg(${MESSAGE} order by m.created_at, m.id), '[]')
      from messages m join texts x on x.id = m.text_id left join texts r on r.id = m.reason_text_id
      where m.ticket_id = t.id),
    'drafts', (
      select coalesce(json_agg(json_build_object(
        'id', d.id, 'state', d.state, 'engine', d.engine, 'body', x.body, 'editedBody', e.body,
        'createdAt', ${iso('d.created_at')}) order by d.created_at, d.id), '[]')
      from drafts d join texts x on x.id = d.text_id left join texts e on e.id = d.edited_text_id
      where d.ticket_id = t.id)) as it
  from tickets t
  where t.requester_id = $1 and t.id = any($2::uuid[])
  order by t.created_at, t.id
`;
const ELSEWHERE = `
  select ${MESSAGE} as it
  from (${HIS_MESSAGES}) m join tickets t on t.id = m.ticket_id and t.requester_id <> $1
       join texts x on x.id = m.text_id left join texts r on r.id = m.reason_text_id
  order by m.created_at, m.id
`;
/** What the timelines name beside messages and drafts: summaries, reasons, earlier subjects and fields. */
const OTHER_TEXTS = `
  select json_build_object('id', x.id, 'subject', x.subject, 'body', x.body, 'html', x.html,
                           'createdAt', ${iso('x.created_at')}) as it
  from texts x
  where x.id in (${HIS_TEXTS})
    and not exists (select from messages m where m.text_id = x.id or m.reason_text_id = x.id)
    and not exists (select from drafts d where d.text_id = x.id or d.edited_text_id = x.id)
  order by x.created_at, x.id
`;
const ADVICE = `
  select json_build_object('askedAt', ${iso('asked_at')}, 'answer', answer) as it
  from ai_advice where customer_id = $1 order by asked_at, key
`;
const INBOX = `
  select json_build_object('id', i.id::text, 'source', i.source, 'kind', i.kind, 'status', i.state, 'body', i.body,
                           'receivedAt', ${iso('i.received_at')}) as it
  from inbox i where ${HIS_LEDGER_ROW} order by i.id
`;

async function json<It>(client: PoolClient, text: string, values: unknown[]): Promise<It[]> {
  const { rows } = await client.query<{ it: It }>(patient(text, values, PATIENCE_MS));
  return rows.map(({ it }) => it);
}
