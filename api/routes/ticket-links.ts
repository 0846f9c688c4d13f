/**
 * Links between tickets, told on the timelines of both.
 *
 * Does not promise that a ticket which has closed tells of a link that came later: its record has ended.
 */
import { z } from 'zod';
import { type Link, LINKS, type LinkTicket } from '../../domain/person-commands.ts';
import { DeskError } from '../../domain/errors.ts';
import { isOver, referenceOf } from '../../domain/ticket.ts';
import { execute } from '../execute.ts';
import { findOther, findTicket, findTicketVersion } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { etagOf, ticketSchema, type TicketRow } from '../shapes/ticket.ts';
import { ticketName, ticketParams } from '../shapes/ticket-params.ts';
import { askedBy, showTicket } from '../ticket-step.ts';

export const linkRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/links',
  permission: 'tickets:update',
  summary: 'Link a ticket with another',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ ticket: ticketName, kind: z.enum(LINKS) }),
  answer: { status: 200, description: 'The ticket with its links.', schema: ticketSchema },
  errors: ['not_found', 'ticket_closed', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, caller, services) {
    const asked = askedBy(caller);
    const row = await findTicket(services.pool, caller.principal, params.id);
    caller.requireMatch(etagOf(row));
    const { id: otherId } = await findOther(services.pool, caller.principal, 'ticket', body.ticket);
    const { kind } = body;
    if (otherId === row.id) throw itself();
    if (!isLinked(row, otherId, kind)) await tellBoth(services, row, { ...asked, type: 'link', otherId, kind });
    return showTicket(services, caller, row.id);
  },
});

export const unlinkRoute = route({
  method: 'delete',
  path: '/api/v1/tickets/{id}/links/{otherId}',
  permission: 'tickets:update',
  summary: 'Take a link between two tickets away',
  params: ticketParams.extend({ otherId: ticketName }),
  query: z.strictObject({ kind: z.enum(LINKS) }),
  body: nothing,
  answer: { status: 200, description: 'The ticket with the links that are left.', schema: ticketSchema },
  errors: ['not_found', 'ticket_closed', 'workflow_unavailable'],
  etag: true,
  async handle({ params, query: { kind } }, caller, services) {
    const asked = askedBy(caller);
    const row = await findTicket(services.pool, caller.principal, params.id);
    caller.requireMatch(etagOf(row));
    const { id: otherId } = await findTicketVersion(services.pool, caller.principal, params.otherId);
    if (!isLinked(row, otherId, kind)) {
      const detail = `${referenceOf(row.state)} has no link "${kind}" with ${params.otherId}; the ticket lists its links.`;
      throw new DeskError('not_found', detail);
    }
    await tellBoth(services, row, { ...asked, type: 'unlink', otherId, kind });
    return showTicket(services, caller, row.id);
  },
});

/** What a link is when it is read from its other end. */
const FROM_THE_OTHER: Readonly<Record<Link, Link>> = {
  related: 'related',
  duplicate: 'duplicate',
  blocks: 'blockedBy',
  blockedBy: 'blocks',
};

/** The other ticket first: what stands on this one then stands on both, and a repeat after a failure mends the rest. */
async function tellBoth(services: Services, row: TicketRow, command: LinkTicket): Promise<void> {
  if (isOver(row.state)) {
    throw new DeskError('ticket_closed', `${referenceOf(row.state)} is closed, so its links stay as they are.`);
  }
  try {
    await execute(services, command.otherId, {
      ...command,
      id: `${command.id}:other`,
      otherId: row.id,
      kind: FROM_THE_OTHER[command.kind],
    });
  } catch (error) {
    if (!(error instanceof DeskError) || error.code !== 'ticket_closed') throw error;
  }
  await execute(services, row.id, command);
}

function isLinked({ links }: TicketRow, otherId: string, kind: Link): boolean {
  return links.some((link) => link.id === otherId && link.kind === kind);
}

function itself(): DeskError {
  const message = 'names this very ticket; give another one';
  return new DeskError('invalid_request', `"ticket" ${message}.`, { errors: [{ path: 'ticket', message }] });
}
