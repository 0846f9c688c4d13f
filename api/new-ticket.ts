/**
 * A ticket that the API opens: a row in the inbox ledger first, then the workflow, then the answer.
 *
 * The ledger's row is what makes it safe: when this process dies after storing it, the relay opens the ticket, and a
 * repeat with the same Idempotency-Key finds the same ticket.
 */
import { type ApiTicket, apiTicketSchema, intakeApiTicket } from '../db/api-ticket.ts';
import { newTicketName } from '../db/intake.ts';
import type { Services } from './services.ts';

/** How long the relay leaves the row to us; a request ends long before. */
const RELAY_WAITS_SECONDS = 30;

/** The command that opens the ticket, and the request that brought it. */
interface Origin {
  id: string;
  requestId: string;
}

type NewTicket = Omit<ApiTicket, 'ticketId' | 'number'>;

/** Opens a ticket and answers its names once it is recorded; the same command finds the same ticket. Throws a DeskError. */
export async function openNewTicket(
  services: Services,
  origin: Origin,
  wanted: NewTicket,
): Promise<{ ticketId: string; number: number }> {
  const { rowId, ticket } = await store(services, origin, wanted);
  if (!(await isRecorded(services, ticket.ticketId))) await open(services, origin, ticket);
  await services.ledger.markApplied(rowId, ticket.ticketId);
  return { ticketId: ticket.ticketId, number: ticket.number };
}

/** Stores the ticket, or finds the one that an earlier attempt at the same command stored. */
async function store({ ledger, pool }: Services, { id: commandId, requestId }: Origin, wanted: NewTicket) {
  const ticket: ApiTicket = { ...(await newTicketName(pool)), ...wanted };
  const { id } = await ledger.store({
    source: 'api',
    externalId: commandId,
    kind: 'ticket',
    conversationKey: `api:${ticket.ticketId}`,
    state: 'received',
    reason: null,
    body: JSON.stringify(ticket),
    requestId,
    delaySeconds: RELAY_WAITS_SECONDS,
  });
  if (id !== null) return { rowId: id, ticket };
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
  { pool, settings, tickets }: Services,
  { id, requestId }: Origin,
  ticket: ApiTicket,
): Promise<void> {
  const message = await intakeApiTicket(pool, settings, { commandId: id, requestId }, ticket);
  await tickets.open({ ticketId: ticket.ticketId, number: ticket.number }, message);
}
