/** Tickets: the lists of them, and one of them. */
import { z } from 'zod';
import { DeskError } from '../../domain/errors.ts';
import { may } from '../../domain/permissions.ts';
import { STATUSES } from '../../domain/status.ts';
import { CHANNELS, PRIORITIES } from '../../domain/ticket.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { searchTickets } from '../reads/search.ts';
import { listTickets, listUnassigned, SLA_STATES, type TicketFilters } from '../reads/ticket-lists.ts';
import { SORTS } from '../reads/ticket-order.ts';
import { findTicket } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { words } from '../shapes/text.ts';
import { etagOf, ticketJson, ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { slug, tag } from '../ticket-facts.ts';

const listQuery = z.strictObject({
  status: z.enum(STATUSES).optional(),
  priority: z.enum(PRIORITIES).optional(),
  assignee: z.union([z.enum(['me', 'none']), z.guid()], { error: 'must be me, none, or the id of a user' }).optional(),
  team: slug.optional(),
  supportType: slug.optional(),
  channel: z.enum(CHANNELS).optional(),
  tag: tag.optional(),
  customer: z.union([z.guid(), z.email()], { error: 'must be the id or the e-mail address of a customer' }).optional(),
  sla: z.enum(SLA_STATES).optional().meta({
    description: 'Of the tickets with work to do: near a deadline, or behind one with what was due still owed.',
  }),
  q: words(200)
    .optional()
    .meta({
      description:
        'Words to search for in subjects, messages, notes, customers and references: all of them, "in this order", -without, ' +
        'or. The newest hundred that fit are found, the best first, and, where they are fewer, some that nearly fit.',
      example: 'refund "order 1001" -paypal',
    }),
  sort: z
    .enum(SORTS)
    .optional()
    .meta({
      description:
        'Newest first, or, where q is given, the best first. next: what needs somebody next, of the tickets with work to do ' +
        'on the side of the desk: breached before at risk before the rest, VIPs first in each, then who has waited longest.',
    }),
  fields: fieldsOf(ticketSchema),
  ...pageQuery,
});

export const listTicketsRoute = route({
  method: 'get',
  path: '/api/v1/tickets',
  permission: 'tickets:read',
  summary: 'List tickets, or search them',
  params: nothing,
  query: listQuery,
  body: nothing,
  answer: { status: 200, description: 'A page of tickets.', schema: pageOf(ticketSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors, links, now }) {
    const { status, priority, assignee, team, supportType, channel, tag, customer, sla, q, sort } = query;
    if (principal.customerId !== null)
      refuseInsideFilters({ priority, assignee, team, tag, sla, sort: sort === 'next' ? sort : undefined });
    const who = assignee === 'me' ? principal.id : assignee;
    const filters: TicketFilters = { status, priority, assignee: who, team, supportType, channel, tag, customer, sla };
    const page = { viewer: principal, filters };
    const search = {
      ...page,
      inside: may(principal, 'tickets:inspect'),
      typed: q ?? '',
      sort: sort ?? ('relevance' as const),
    };
    const list = { ...page, sort: sort ?? '-createdAt' };
    const { items, nextCursor } = await readPage(
      cursors,
      q === undefined ? ['tickets', list.sort, filters] : ['search', search.sort, q, filters],
      query,
      (after, limit) =>
        q === undefined
          ? listTickets(pool, { ...list, after, limit })
          : searchTickets(pool, { ...search, after, limit }),
      (row) => row.place,
    );
    return { body: { items: items.map((row) => ticketJson(row, principal, links, now())), nextCursor } };
  },
});

/** A filter tells of a field whether the field is shown or not. */
function refuseInsideFilters(filters: Readonly<Record<string, unknown>>): void {
  const [path] = Object.entries(filters).find(([, value]) => value !== undefined) ?? [];
  if (path === undefined) return;
  const message = 'is for the desk to filter by; leave it out';
  throw new DeskError('forbidden', `The field "${path}" ${message}.`, { errors: [{ path, message }] });
}

export const listUnassignedRoute = route({
  method: 'get',
  path: '/api/v1/tickets/unassigned',
  permission: 'tickets:inspect',
  summary: 'List the tickets with work to do that nobody has, earliest deadline first',
  params: nothing,
  query: z.strictObject({ fields: fieldsOf(ticketSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of tickets.', schema: pageOf(ticketSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors, links, now }) {
    const { items, nextCursor } = await readPage(
      cursors,
      ['tickets-unassigned'],
      query,
      (after, limit) => listUnassigned(pool, principal, after, limit),
      (row) => [row.due, row.id],
    );
    return { body: { items: items.map((row) => ticketJson(row, principal, links, now())), nextCursor } };
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
  async handle({ params }, { principal }, { pool, links, now }) {
    const row = await findTicket(pool, principal, params.id);
    return { body: ticketJson(row, principal, links, now()), headers: { ETag: etagOf(row) } };
  },
});
