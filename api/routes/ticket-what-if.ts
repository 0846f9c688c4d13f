/** Looking ahead: what would happen to a ticket that nobody touches, played through by its shadow. */
import { z } from 'zod';
import { Text } from '../../db/entities/text.ts';
import { findTicket } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { textIdsOfMoments, whatIfJson, whatIfSchema } from '../shapes/what-if.ts';

const HOUR = 3_600_000;
/** A month. */
const MOST_HOURS = 720;

export const whatIfRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/what-if',
  permission: 'tickets:whatIf',
  summary:
    'See what would happen to a ticket if nobody touched it for some hours; nothing is changed and nobody is paged',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ hours: z.int().min(1).max(MOST_HOURS) }),
  answer: {
    status: 200,
    description: 'What it would meet, in order, and the ticket as it would be then.',
    schema: whatIfSchema,
  },
  errors: ['not_found', 'time_skipping_unavailable', 'workflow_unavailable'],
  async handle({ params, body }, { principal }, { pool, orm, shadows, links, now }) {
    const row = await findTicket(pool, principal, params.id);
    const from = now();
    const until = from + body.hours * HOUR;
    const result = await shadows.lookAhead(row.state, from, until);
    const ids = textIdsOfMoments(row.id, result.moments);
    const found = await orm.em.fork().find(Text, { id: { $in: ids } });
    const texts = new Map(found.map((text) => [text.id, text.body]));
    return { body: whatIfJson(row, { from, until }, result, texts, links) };
  },
});
