/** Tickets: the list, and one of them. */
import { z } from 'zod';
import { STATUSES } from '../../domain/status.ts';
import { PRIORITIES } from '../../domain/ticket.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { findTicket, listTickets, type TicketFilters } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { etagOf, ticketJson, ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';

const listQuery = z.strictObject({
  status: z.enum(STATUSES).optional(),
  priority: z.enum(PRIORITIES).optional(),
  assignee: z.union([z.enum(['me', 'none']), z.guid()], { error: 'must be me, none, or the id of a user' }).optional(),
  customer: z.union([z.guid(), z.email()], { error: 'must be the id or the e-mail address of a customer' }).optional(),
  sort: z.enum(['-createdAt', 'createdAt']).default('-createdAt'),
  fields: fieldsOf(ticketSchema),
  ...pageQuery,
});

export const listTicketsRoute = route({
  method: 'get',
  path: '/api/v1/tickets',
  permission: 'tickets:read',
  summary: 'List tickets, newest first',
  params: nothing,
  query: listQuery,
  body: nothing,
  answer: { status: 200, description: 'A page of tickets.', schema: pageOf(ticketSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors, links, now }) {
    const { status, priority, assignee, customer, sort } = query;
    const filters: TicketFilters = {
      status,
      priority,
      assignee: assignee === 'me' ? principal.id : assignee,
      customer,
    };
    const scope = ['tickets', sort, filters];
    const { items, nextCursor } = await readPage(
      cursors,
      scope,
      query,
      (after, limit) => listTickets(pool, { filters, newestFirst: sort === '-createdAt', after, limit }),
      (row) => [row.position, row.id],
    );
    return { body: { items: items.map((row) => ticketJson(row, links, now())), nextCursor } };
  },
});

export const getTicketRoute = route({
  method: 'get',
  path: '/api/v1/tickets/{id}',
  permission: 'tickets:read',
  summary: 'Read a ticket',
  params: ticketParams,
  query: z.strictObject({ fields: fieldsOf(ticketSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The ticket.', schema: ticketSchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params }, _caller, { pool, links, now }) {
    const row = await findTicket(pool, params.id);
    return { body: ticketJson(row, links, now()), headers: { ETag: etagOf(row) } };
  },
});
