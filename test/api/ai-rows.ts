/** Tickets that were written to, and drafts of answers, for tests of what engines say to them. */
import { randomUUID } from 'node:crypto';
import type { Triage } from '../../domain/ticket.ts';
import { openTicket } from './setting-rows.ts';
import type { TestApi } from './support.ts';

/** A triage of a bug report, written in anger. */
export const triage = (over: Partial<Triage> = {}): Triage => ({
  category: 'bug',
  severity: 'sev3',
  priority: 'normal',
  sentiment: 'negative',
  language: 'en',
  confidence: 0.8,
  summaryTextId: randomUUID(),
  engine: 'model',
  ...over,
});

/** A ticket, its customer, and a message of his. */
export async function written({ db }: TestApi, facts: Parameters<typeof openTicket>[1] = {}, body = 'It broke again.') {
  const { pool } = db;
  const ticketId = await openTicket(db, { triage: triage(), ...facts });
  const { rows } = await pool.query<{ customerId: string }>(
    `with words as (insert into texts (id, body) values ($2, $3))
     insert into messages (id, ticket_id, direction, author_kind, author_id, text_id, state, created_at)
     select $4, t.id, 'inbound', 'customer', t.requester_id, $2, 'received', now() from tickets t where t.id = $1
     returning author_id as "customerId"`,
    [ticketId, randomUUID(), body, randomUUID()],
  );
  return { ticketId, customerId: rows[0]?.customerId ?? '' };
}

interface GivenDraft {
  ticketId: string;
  state?: string;
  distance?: number | null;
  /** Milliseconds since 1970. */
  at: number;
  body?: string;
}

/** Adds a draft of an answer to the ticket's message, and answers its id. */
export async function addDraft({ db }: TestApi, given: GivenDraft): Promise<string> {
  const { ticketId, state = 'proposed', distance = null, at, body = 'Hello' } = given;
  const id = randomUUID();
  await db.pool.query(
    `with words as (insert into texts (id, body) values ($2, $3))
     insert into drafts (id, ticket_id, message_id, text_id, state, engine, confidence, created_at, edit_distance)
     select $1, $4, m.id, $2, $5, 'quimbi', 0.5, to_timestamp($6::float8 / 1000), $7
     from messages m where m.ticket_id = $4 limit 1`,
    [id, randomUUID(), body, ticketId, state, at, distance],
  );
  return id;
}
