/** The steps in a ticket's life that a person asks for. */
import { z } from 'zod';
import { STATUSES } from '../../domain/status.ts';
import { execute } from '../execute.ts';
import { actorOf } from '../principal.ts';
import { findTicket, findTicketVersion } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { words } from '../shapes/text.ts';
import { etagOf, ticketJson, ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';

export const setStatusRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/status',
  permission: 'tickets:status',
  summary: 'Take a ticket to another status; a step that is not allowed is refused and names those that are',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ status: z.enum(STATUSES), reason: words(2_000).optional() }),
  answer: { status: 200, description: 'The ticket after the step.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, { principal, command, requestId, requireMatch }, services) {
    const by = actorOf(principal);
    const ticket = await findTicketVersion(services.pool, params.id);
    requireMatch(etagOf(ticket));
    const reason = body.reason === undefined ? null : { id: command.idFor('text'), body: body.reason };
    const step = {
      type: 'setStatus',
      requestId,
      id: command.id,
      status: body.status,
      reasonTextId: reason?.id ?? null,
      by,
    } as const;
    await execute(services, ticket.id, step, reason);
    const row = await findTicket(services.pool, ticket.id);
    return { body: ticketJson(row, services.links, services.now()), headers: { ETag: etagOf(row) } };
  },
});
