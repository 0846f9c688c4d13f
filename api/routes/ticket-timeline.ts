/** The timeline of a ticket: every change, with who, what, why and when. */
import { z } from 'zod';
import { Text } from '../../db/entities/text.ts';
import { TicketEvent } from '../../db/entities/ticket-event.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { nameActors } from '../reads/names.ts';
import { findTicketVersion } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { actorOfEvent, textIdsOf, timelineItem, timelineItemSchema } from '../shapes/timeline.ts';

export const timelineRoute = route({
  method: 'get',
  path: '/api/v1/tickets/{id}/timeline',
  permission: 'tickets:inspect',
  summary: 'List what happened to a ticket, in order',
  params: ticketParams,
  query: z.strictObject({ fields: fieldsOf(timelineItemSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of the timeline.', schema: pageOf(timelineItemSchema) },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { pool, orm, cursors }) {
    const ticket = await findTicketVersion(pool, principal, params.id);
    const em = orm.em.fork();
    const { items, nextCursor } = await readPage(
      cursors,
      ['timeline', ticket.id],
      query,
      (after, limit) =>
        em.find(
          TicketEvent,
          { ticketId: ticket.id, sequence: { $gt: Number(after?.[0] ?? 0) } },
          { orderBy: { sequence: 'asc' }, limit },
        ),
      (event) => [String(event.sequence)],
    );
    const [name, found] = await Promise.all([
      nameActors(pool, items.map(actorOfEvent)),
      em.find(Text, { id: { $in: items.flatMap(textIdsOf) } }),
    ]);
    const texts = new Map(found.map((text) => [text.id, text.body]));
    return { body: { items: items.map((event) => timelineItem(event, name, texts)), nextCursor } };
  },
});
