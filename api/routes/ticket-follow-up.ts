/** Going on where a closed ticket ended: a new one, which says what it follows. */
import { z } from 'zod';
import { DeskError } from '../../domain/errors.ts';
import { referenceOf } from '../../domain/ticket.ts';
import { openNewTicket } from '../new-ticket.ts';
import { findTicket } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { words } from '../shapes/text.ts';
import { etagOf, ticketSchema, type TicketRow } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { showNewTicket } from '../ticket-step.ts';

export const followUpRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/follow-up',
  permission: 'tickets:create',
  summary: 'Open a new ticket for the requester of a closed one',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ subject: words(300), body: words(100_000) }),
  answer: { status: 201, description: 'The new ticket, recorded.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'ticket_merged', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, caller, services) {
    const { command, requestId, principal } = caller;
    const before = await findTicket(services.pool, principal, params.id);
    caller.requireMatch(etagOf(before));
    requireClosed(before);
    const { ticketId } = await openNewTicket(
      services,
      { id: command.id, requestId },
      {
        messageId: command.idFor('message'),
        subject: body.subject,
        body: body.body,
        requester: { email: before.requesterEmail, name: before.requesterName },
        priority: null,
        supportType: null,
        tags: [],
        fieldsTextId: null,
        followUpOf: before.id,
        splitFrom: null,
        writtenAt: services.now(),
      },
    );
    return showNewTicket(services, caller, ticketId);
  },
});

function requireClosed({ state }: TicketRow): void {
  if (state.merged !== null) {
    const detail = `${referenceOf(state)} went into T-${state.merged.intoNumber}; go on there.`;
    throw new DeskError('ticket_merged', detail, { facts: { into: state.merged.into } });
  }
  if (state.status === 'closed') return;
  const detail = `${referenceOf(state)} is ${state.status}, so it needs no follow-up: go on with the ticket itself.`;
  throw new DeskError('illegal_transition', detail, { facts: { status: state.status } });
}
