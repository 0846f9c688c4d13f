/**
 * Erasing a customer: his name and address, and every word that was written by him, to him or about him on his tickets. The
 * rows stay, so that the history and its figures hold; they say nothing any more.
 *
 * All of it is one transaction, so an erasure that is interrupted has not begun. It may be done again, which erases what
 * has come since. Does not reach what vendors were given, nor backups, nor PostgreSQL's files before its next vacuum; files
 * are removed by whoever calls, after this.
 */
import type { Pool, PoolClient, QueryResultRow } from 'pg';
import { actAs, type AuditActor, writeAudit } from './audit.ts';
import { addressPattern, HIS_LEDGER_ROW, HIS_MESSAGES, HIS_TEXTS, NAMES_ERASED } from './customer-texts.ts';
import { SESSIONS_CHANNEL } from './sessions.ts';
import { inTransaction, patient } from './transaction.ts';

/** What stands in the place of words that were erased, where something has to. */
const ERASED = '(erased)';
const LEDGER_REASON = 'It was erased with its customer.';

/** The ledger is searched through for the address, which no index helps. */
const PATIENCE_MS = 5 * 60_000;
/** How many of the things that stand in the way are named. */
const MOST_NAMED = 20;

/** What was erased, and what vendors have of it. */
export interface Erasure {
  /** When it was done first, in milliseconds since 1970. */
  erasedAt: number;
  tickets: number;
  messages: number;
  texts: number;
  ledgerRows: number;
  /** The files that are still to be removed. */
  fileIds: string[];
  /** Conversations at Front, cards in Slack, and answers that a model gave. */
  conversations: number;
  slackPosts: number;
  modelAnswers: number;
}

/** What stands in the way of an erasure, each in a few words. */
export interface Unfinished {
  unfinished: string[];
}

interface Customer {
  client: PoolClient;
  id: string;
  /** His address, as a pattern. */
  pattern: string;
}

/** Erases the customer as `actor`; null where there is no such customer. */
export function eraseCustomer(pool: Pool, actor: AuditActor, id: string): Promise<Erasure | Unfinished | null> {
  return inTransaction(pool, async (client) => {
    await client.query(`set local statement_timeout = ${PATIENCE_MS}`);
    await actAs(client, actor);
    // Whoever writes to the desk from this address now waits, and is somebody new then.
    const [row] = await rows<{ email: string }>(client, 'select email from customers where id = $1 for update', [id]);
    if (row === undefined) return null;
    const customer = { client, id, pattern: addressPattern(row.email) };
    const unfinished = await unfinishedOf(customer);
    if (unfinished.length > 0) return { unfinished };
    const erasure = await erase(customer);
    const { fileIds, erasedAt: _, ...counts } = erasure;
    const details = { ...counts, files: fileIds.length };
    await writeAudit(client, actor, { action: 'customers.erase', target: 'customers', targetId: id, details });
    return erasure;
  });
}

const UNFINISHED = `
  (
    select 'the ticket T-' || number || case status when 'closed' then ', which is being finished' else ', which is ' || status end as it
    from tickets where requester_id = $1 and (status <> 'closed' or owes) order by number limit ${MOST_NAMED}
  )
  union all
  (
    select 'the inbox row ' || i.id || ', which waits to be handed over'
    from inbox i where i.state in ('received', 'incomplete') and ${HIS_LEDGER_ROW} order by i.id limit ${MOST_NAMED}
  )
`;

async function unfinishedOf({ client, id, pattern }: Customer): Promise<string[]> {
  const found = await rows<{ it: string }>(client, UNFINISHED, [id, pattern]);
  return found.map(({ it }) => it);
}

async function erase({ client, id, pattern }: Customer): Promise<Erasure> {
  const change = async (text: string, ...values: unknown[]) =>
    (await client.query(patient(text, values, PATIENCE_MS))).rowCount ?? 0;
  await change('create temporary table erasing (id uuid primary key) on commit drop');
  await change(IDS, id);
  const fileIds = await rows<{ id: string }>(client, HIDE_FILES, [id, ERASED]);
  // Before the answers that name some of them are gone.
  const texts = await change(
    `update texts set subject = null, body = $2, html = null where id in (${HIS_TEXTS})`,
    id,
    ERASED,
  );
  await change(FIELDS, id);
  const tickets = await change(
    `update tickets set subject = $2, custom_fields = '{}' where requester_id = $1`,
    id,
    ERASED,
  );
  await change('update deliveries set last_error = null where message_id in (select id from erasing)');
  const ledgerRows = await change(LEDGER, id, pattern, LEDGER_REASON);
  await change(ANSWERS, pattern);
  const [vendors] = await rows<Pick<Erasure, 'conversations' | 'slackPosts' | 'modelAnswers'>>(client, VENDORS, [id]);
  if (vendors === undefined) throw new Error('The counts of what vendors have came without a row.');
  await change(`delete from ai_answers where split_part(key, ':', 2) in (select id::text from erasing)`);
  // What comes there later has nothing to do with him.
  await change('delete from conversations where ticket_id in (select id from erasing)');
  const messages = await rows<{ count: number }>(client, `select count(*)::integer as count from (${HIS_MESSAGES}) m`, [
    id,
  ]);
  for (const statement of LOGIN) await change(statement, id);
  const [gone] = await rows<{ erasedAt: number }>(client, CUSTOMER, [id]);
  return {
    erasedAt: gone?.erasedAt ?? 0,
    tickets,
    messages: messages[0]?.count ?? 0,
    texts,
    ledgerRows,
    fileIds: fileIds.map((file) => file.id),
    ...vendors,
  };
}

/** Whatever is his, so that what names it by its id is found. */
const IDS = `
  insert into erasing
  select $1::uuid
  union select id from tickets where requester_id = $1
  union select id from (${HIS_MESSAGES}) m
  union select id from drafts where ticket_id in (select id from tickets where requester_id = $1)
`;
/** The files of his messages, and those that he himself has sent for none. */
const HIDE_FILES = `
  update attachments set name = $2
  where ticket_id in (select id from erasing) or message_id in (select id from erasing)
     or uploader_id in (select id from users where customer_id = $1)
  returning id
`;
/** Custom fields are kept as JSON, and read as that. */
const FIELDS = `
  update texts set body = '{}'
  where id in (
    select (data ->> 'fieldsTextId')::uuid from ticket_events
    where ticket_id in (select id from tickets where requester_id = $1) and data ->> 'fieldsTextId' is not null
  )
`;
/** A row that was set aside is never handed over any more. */
const LEDGER = `
  update inbox i set body = '', reason = $3, state = case i.state when 'applied' then 'applied' else 'ignored' end
  where ${HIS_LEDGER_ROW}
`;
/** Kept for whoever repeats a request; the request's own work is known again without. */
const ANSWERS = `delete from idempotency_keys k where ${NAMES_ERASED} or k.body::text ~* $1 or k.key ~* $1`;

const VENDORS = `
  select
    (select count(*) from tickets where requester_id = $1 and state ->> 'conversationId' is not null)::integer
      as conversations,
    (select count(*) from slack_posts where split_part(key, ':', 2) in (select id::text from erasing))::integer
      as "slackPosts",
    (select count(*) from ai_answers
     where split_part(key, ':', 2) in (select id::text from erasing) and answer ->> 'engine' <> 'heuristic')::integer
      as "modelAnswers"
`;

/** Where he signs in as a user, that ends. */
const HIS_LOGIN = 'select id from users where customer_id = $1';
const LOGIN = [
  `update users set email = 'erased-' || id || '@erased.invalid', name = '${ERASED}', password_hash = null,
          slack_user_id = null, disabled_at = coalesce(disabled_at, now()), updated_at = now()
   where customer_id = $1`,
  `update api_keys set revoked_at = now() where user_id in (${HIS_LOGIN}) and revoked_at is null`,
  `delete from password_tokens where user_id in (${HIS_LOGIN})`,
  `update sessions set ended_at = now(), end_reason = 'rightsChanged'
   where user_id in (${HIS_LOGIN}) and ended_at is null`,
  `select pg_notify('${SESSIONS_CHANNEL}', id::text) from users where customer_id = $1`,
];

const CUSTOMER = `
  update customers set email = 'erased-' || id || '@erased.invalid', name = null,
         erased_at = coalesce(erased_at, now()), updated_at = now()
  where id = $1
  returning floor(extract(epoch from erased_at) * 1000)::float8 as "erasedAt"
`;

async function rows<Row extends QueryResultRow>(client: PoolClient, text: string, values: unknown[]): Promise<Row[]> {
  return (await client.query<Row>(patient(text, values, PATIENCE_MS))).rows;
}
