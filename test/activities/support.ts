/** Tickets as their workflow records them, without a workflow: the real core decides, the real activity records. */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { pino } from 'pino';
import { createTicketActivities } from '../../activities/tickets.ts';
import { intake, newTicketName } from '../../db/intake.ts';
import { createSettings } from '../../db/settings.ts';
import type { Command } from '../../domain/commands.ts';
import { decide } from '../../domain/decide.ts';
import { isRefusal } from '../../domain/outcome.ts';
import { blankTicket, type Engine, seatOf, type Ticket } from '../../domain/ticket.ts';

export interface Words {
  subject?: string;
  body?: string;
  name?: string | null;
  writtenAt?: number;
}

/** Opens a ticket with a customer's first message. */
export async function openTicket(pool: Pool, words: Words = {}): Promise<Ticket> {
  const { ticketId, number } = await newTicketName(pool);
  const command = await intake(pool, createSettings(pool), {
    commandId: `test:${randomUUID()}`,
    requestId: 'request',
    messageId: randomUUID(),
    channel: 'api',
    conversationId: null,
    subject: words.subject ?? 'Where is my parcel?',
    body: words.body ?? 'It was due on Monday.',
    html: null,
    from: { email: `${randomUUID()}@example.com`, name: words.name === undefined ? 'Grace' : words.name },
    writtenAt: words.writtenAt ?? Date.now(),
    priority: null,
    supportType: null,
    tags: [],
    fieldsTextId: null,
    followUpOf: null,
    splitFrom: null,
    inboxId: null,
  });
  return apply(pool, blankTicket(ticketId, number), command);
}

/** Takes a draft in for the newest message. */
export async function proposeDraft(
  pool: Pool,
  ticket: Ticket,
  body: string,
  engine: Engine = 'model',
): Promise<Ticket> {
  const { newestMessageId: messageId } = ticket;
  if (messageId === null) throw new Error('The ticket has no message to draft an answer for.');
  return apply(pool, ticket, {
    type: 'proposeDraft',
    id: `test:${randomUUID()}`,
    effectId: `draft:${messageId}`,
    draftId: randomUUID(),
    messageId,
    textId: await storeText(pool, body),
    engine,
    confidence: 0.8,
  });
}

/** Somebody at the desk; answers the id. */
export async function hire(pool: Pool, name: string): Promise<string> {
  const id = randomUUID();
  const email = `${id}@desk.example`;
  await pool.query(`insert into users (id, email, name, role, created_at) values ($1, $2, $3, 'agent', now())`, [
    id,
    email,
    name,
  ]);
  return id;
}

/** Judges `command` and records what was decided. */
export async function apply(pool: Pool, ticket: Ticket, command: Command): Promise<Ticket> {
  const outcome = decide(ticket, command, Date.now());
  if (isRefusal(outcome)) throw new Error(outcome.detail);
  const seats = { from: seatOf(ticket), to: seatOf(outcome.ticket) };
  const change = { before: ticket.version, ...outcome, seats };
  const { taken } = await createTicketActivities({ pool, slack: true, logger: pino({ level: 'silent' }) }).record(
    change,
  );
  if (!taken) throw new Error('Somebody else has recorded this ticket, or somebody has no room.');
  return outcome.ticket;
}

/** Somebody’s words; answers the id of the text. */
export async function storeText(pool: Pool, body: string): Promise<string> {
  const id = randomUUID();
  await pool.query('insert into texts (id, body) values ($1, $2)', [id, body]);
  return id;
}
