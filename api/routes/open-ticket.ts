/**
 * Opening a ticket by API: a row in the inbox ledger first, then the workflow, then the answer.
 *
 * The ledger's row is what makes it safe: when this process dies after storing it, the relay opens the ticket, and a
 * repeat with the same Idempotency-Key finds the same ticket.
 */
import { z } from 'zod';
import { type ApiTicket, apiTicketSchema, intakeApiTicket } from '../../db/api-ticket.ts';
import { newTicketName } from '../../db/intake.ts';
import { PRIORITIES } from '../../domain/ticket.ts';
import { findTicket } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { words } from '../shapes/text.ts';
import { etagOf, ticketJson, ticketSchema } from '../shapes/ticket.ts';

/** How long the relay leaves the row to us; a request ends long before. */
const RELAY_WAITS_SECONDS = 30;

const newTicketSchema = z.strictObject({
  subject: words(300),
  body: words(100_000),
  requester: z.strictObject({
    email: z.email({ error: 'must be an e-mail address' }).max(254),
    name: words(200).optional(),
  }),
  channel: z
    .literal('api', { error: 'must be "api" or left out: tickets of the other channels begin where they are written' })
    .optional(),
  priority: z.enum(PRIORITIES).optional(),
});

export const openTicketRoute = route({
  method: 'post',
  path: '/api/v1/tickets',
  permission: 'tickets:create',
  summary: 'Open a ticket',
  params: nothing,
  query: nothing,
  body: newTicketSchema,
  answer: { status: 201, description: 'The ticket, recorded.', schema: ticketSchema },
  errors: ['workflow_unavailable'],
  async handle({ body }, { command, requestId }, services) {
    const { pool, links, now } = services;
    const wanted: ApiTicket = {
      ...(await newTicketName(pool)),
      messageId: command.idFor('message'),
      subject: body.subject,
      body: body.body,
      requester: { email: body.requester.email, name: body.requester.name ?? null },
      priority: body.priority ?? null,
      writtenAt: now(),
    };
    const { rowId, ticket } = await store(services, command.id, requestId, wanted);
    if (!(await isRecorded(services, ticket.ticketId))) await open(services, command.id, requestId, ticket);
    await services.ledger.markApplied(rowId, ticket.ticketId);
    const row = await findTicket(pool, ticket.ticketId);
    return {
      body: ticketJson(row, links, now()),
      headers: { Location: `/api/v1/tickets/${row.id}`, ETag: etagOf(row) },
    };
  },
});

/** Stores the ticket, or finds the one that an earlier attempt at the same command stored. */
async function store({ ledger, pool }: Services, commandId: string, requestId: string, wanted: ApiTicket) {
  const { id } = await ledger.store({
    source: 'api',
    externalId: commandId,
    kind: 'ticket',
    conversationKey: `api:${wanted.ticketId}`,
    state: 'received',
    reason: null,
    body: JSON.stringify(wanted),
    requestId,
    delaySeconds: RELAY_WAITS_SECONDS,
  });
  if (id !== null) return { rowId: id, ticket: wanted };
  const { rows } = await pool.query<{ id: string; body: string }>({
    name: 'earlier-api-ticket',
    text: `select id::text, body from inbox where source = 'api' and external_id = $1`,
    values: [commandId],
  });
  const [earlier] = rows;
  if (earlier === undefined) throw new Error(`The ledger has no row for ${commandId}, which it called a duplicate.`);
  return { rowId: earlier.id, ticket: apiTicketSchema.parse(JSON.parse(earlier.body)) };
}

async function isRecorded({ pool }: Services, ticketId: string): Promise<boolean> {
  const { rowCount } = await pool.query('select from tickets where id = $1', [ticketId]);
  return rowCount === 1;
}

async function open(
  { pool, tickets }: Services,
  commandId: string,
  requestId: string,
  ticket: ApiTicket,
): Promise<void> {
  const message = await intakeApiTicket(pool, { commandId, requestId }, ticket);
  await tickets.open({ ticketId: ticket.ticketId, number: ticket.number }, message);
}
