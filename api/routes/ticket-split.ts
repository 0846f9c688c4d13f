/**
 * Splitting a ticket: messages that are about something else become a ticket of their own, as copies.
 *
 * Safe to repeat with the same Idempotency-Key. Does not promise that both tickets tell of each other when this process
 * dies in the middle and nobody repeats the request: the new ticket then names the old one, and not the other way round.
 */
import { z } from 'zod';
import { intake } from '../../db/intake.ts';
import { DeskError } from '../../domain/errors.ts';
import { referenceOf, type Ticket } from '../../domain/ticket.ts';
import type { CommandName } from '../command.ts';
import { execute } from '../execute.ts';
import { openNewTicket } from '../new-ticket.ts';
import { findInbound, type InboundMessage } from '../reads/messages.ts';
import { findTicket } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { words } from '../shapes/text.ts';
import { etagOf, ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { type Asked, askedBy, showNewTicket } from '../ticket-step.ts';

const MOST_MESSAGES = 50;

export const splitRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/split',
  permission: 'tickets:merge',
  summary: 'Open a new ticket with copies of some of the customer’s messages of this one',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({
    messageIds: z
      .array(z.guid({ error: 'must be the id of a message' }))
      .min(1)
      .max(MOST_MESSAGES)
      .transform((ids) => [...new Set(ids.map((id) => id.toLowerCase()))]),
    subject: words(300),
  }),
  answer: { status: 201, description: 'The new ticket, recorded.', schema: ticketSchema },
  errors: ['not_found', 'ticket_closed', 'ticket_merged', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, caller, services) {
    const asked = askedBy(caller);
    const before = await findTicket(services.pool, caller.principal, params.id);
    caller.requireMatch(etagOf(before));
    requireOpen(before.state, asked);
    const messages = await findMessages(services, before.id, body.messageIds);
    const ticketId = await copy(services, caller.command, asked, { from: before.id, subject: body.subject, messages });
    await execute(services, before.id, { type: 'split', ...asked, into: ticketId, messageIds: body.messageIds });
    return showNewTicket(services, caller, ticketId);
  },
});

/** Before anything is opened: the old ticket must still be able to say that it was split. */
function requireOpen(ticket: Ticket, asked: Asked): void {
  if (ticket.applied.includes(asked.id)) return;
  if (ticket.merged !== null) {
    const detail = `${referenceOf(ticket)} went into T-${ticket.merged.intoNumber}; take the merge back first.`;
    throw new DeskError('ticket_merged', detail, { facts: { into: ticket.merged.into } });
  }
  if (ticket.status !== 'closed') return;
  throw new DeskError('ticket_closed', `${referenceOf(ticket)} is closed, so it cannot be split; open a follow-up.`);
}

async function findMessages({ pool }: Services, ticketId: string, ids: readonly string[]): Promise<InboundMessage[]> {
  const found = await findInbound(pool, ticketId, ids);
  const missing = ids.filter((id) => !found.some((message) => message.id === id));
  if (missing.length === 0) return found;
  const message = `must name messages that a customer wrote on this ticket; these are none: ${missing.join(', ')}`;
  throw new DeskError('invalid_request', `"messageIds" ${message}.`, { errors: [{ path: 'messageIds', message }] });
}

/** Opens the new ticket with the first message and gives it the others, each under an id that follows from the command. */
async function copy(
  services: Services,
  command: CommandName,
  { id, requestId }: Asked,
  { from, subject, messages }: { from: string; subject: string; messages: readonly InboundMessage[] },
): Promise<string> {
  const { pool, settings, tickets } = services;
  const [first, ...others] = messages;
  if (first === undefined) throw new Error('A split without messages was let through.');
  const facts = { priority: null, supportType: null, tags: [], fieldsTextId: null, followUpOf: null, splitFrom: from };
  const name = await openNewTicket(
    services,
    { id, requestId },
    {
      ...facts,
      messageId: command.idFor(`copy:${first.id}`),
      subject,
      body: first.body,
      requester: first.from,
      writtenAt: first.writtenAt,
    },
  );
  for (const other of others) {
    const message = await intake(pool, settings, {
      ...facts,
      commandId: `${id}:${other.id}`,
      requestId,
      messageId: command.idFor(`copy:${other.id}`),
      channel: 'api',
      conversationId: null,
      subject: null,
      body: other.body,
      html: other.html,
      from: other.from,
      writtenAt: other.writtenAt,
      inboxId: null,
    });
    await tickets.open(name, message);
  }
  return name.ticketId;
}
