/** Tickets with what was said on them, put into the database by SQL, for tests of what is found and in which order. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/orm.ts';
import { blankTicket, type Ticket } from '../../domain/ticket.ts';
import { expect } from 'vitest';
import type { TestApi } from './support.ts';

export interface Said {
  direction: 'inbound' | 'outbound' | 'internal';
  state: string;
  body: string;
}

export const note = (body: string): Said => ({ direction: 'internal', state: 'sent', body });
export const reply = (body: string, state = 'sent'): Said => ({ direction: 'outbound', state, body });

interface Given {
  subject?: string;
  said?: (string | Said)[];
  /** A customer of {@link addCustomer}; without one, somebody new. */
  requesterId?: string;
  /** In days before now. */
  age?: number;
  teamId?: string | null;
  supportTypeId?: string | null;
  tags?: string[];
  late?: boolean;
  atRisk?: boolean;
  state?: Partial<Ticket>;
}

/** A customer of the name and address. */
export async function addCustomer({ pool }: Database, name: string | null, email: string): Promise<string> {
  const id = randomUUID();
  await pool.query('insert into customers (id, email, name, created_at) values ($1, $2, $3, now())', [id, email, name]);
  return id;
}

/** A ticket, open where its state does not say; answers its id and reference. */
export async function addTicket(db: Database, given: Given = {}): Promise<{ id: string; reference: string }> {
  const { subject = 'Hello', said = [], age = 0, tags = [], teamId = null, supportTypeId = null } = given;
  const requesterId = given.requesterId ?? (await addCustomer(db, null, `${randomUUID()}@nobody.test`));
  const { rows } = await db.pool.query<{ number: number }>(`select nextval('ticket_numbers')::integer as number`);
  const number = rows[0]?.number ?? 0;
  const id = randomUUID();
  const createdAt = Date.now() - age * 86_400_000;
  const blank = {
    ...blankTicket(id, number),
    status: 'open' as const,
    requesterId,
    createdAt,
    updatedAt: createdAt,
    tags,
    teamId,
  };
  const state: Ticket = { ...blank, ...given.state };
  await db.pool.query(
    `insert into tickets (id, number, version, status, priority, channel, subject, requester_id, assignee_id, state, created_at,
                          updated_at, team_id, support_type, tags, late, at_risk, snoozed, merged_into)
     values ($1, $2, 1, $3, $4, $5, $6, $7, $8, $9, to_timestamp($10::float8 / 1000), now(), $11, $12, $13, $14, $15, $16, $17)`,
    [
      id,
      number,
      state.status,
      state.priority,
      state.channel,
      subject,
      requesterId,
      state.assigneeId,
      JSON.stringify(state),
      createdAt,
      teamId,
      supportTypeId,
      JSON.stringify(tags),
      given.late ?? false,
      given.atRisk ?? false,
      state.snoozed !== null,
      state.merged?.into ?? null,
    ],
  );
  for (const one of said) await say(db, id, one);
  return { id, reference: `T-${number}` };
}

/** Adds what was said, a customer's message where only words are given; answers the ids of its message and its text. */
export async function say({ pool }: Database, ticketId: string, what: string | Said) {
  const { direction, state, body }: Said =
    typeof what === 'string' ? { direction: 'inbound', state: 'received', body: what } : what;
  const [messageId, textId] = [randomUUID(), randomUUID()];
  await pool.query('insert into texts (id, body) values ($1, $2)', [textId, body]);
  await pool.query(
    `insert into messages (id, ticket_id, direction, author_kind, text_id, state, created_at)
     values ($1, $2, $3, 'agent', $4, $5, clock_timestamp())`,
    [messageId, ticketId, direction, textId, state],
  );
  return { messageId, textId };
}

/** The ids of the tickets that the key's holder finds, in their order; `more` are further parameters, with their `&`. */
export async function search(api: TestApi, key: string, typed: string, more = ''): Promise<string[]> {
  const { status, body } = await api.ask('GET', `/api/v1/tickets?q=${encodeURIComponent(typed)}${more}`, { key });
  expect([typed, status, body.detail]).toEqual([typed, 200, undefined]);
  return body.items.map(({ id }: { id: string }) => id);
}
