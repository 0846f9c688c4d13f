/** What an agent has to do next. */
import { z } from 'zod';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { findAgent } from '../reads/agents.ts';
import { listQueue } from '../reads/ticket-lists.ts';
import { nothing, route } from '../route.ts';
import { agentParams } from '../shapes/agent-params.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { ticketJson, ticketSchema } from '../shapes/ticket.ts';

export const agentQueueRoute = route({
  method: 'get',
  path: '/api/v1/agents/{id}/queue',
  permission: 'agents:read',
  summary: 'List the tickets that an agent has still to do, the earliest deadline first',
  params: agentParams,
  query: z.strictObject({ fields: fieldsOf(ticketSchema), ...pageQuery }),
  body: nothing,
  answer: {
    status: 200,
    description: 'A page of tickets; those without a deadline come last.',
    schema: pageOf(ticketSchema),
  },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { orm, pool, cursors, links, now }) {
    const { id } = await findAgent(orm.em.fork(), params.id);
    const { items, nextCursor } = await readPage(
      cursors,
      ['queue', id],
      query,
      (after, limit) => listQueue(pool, principal, id, after, limit),
      (row) => [row.due, row.id],
    );
    return { body: { items: items.map((row) => ticketJson(row, principal, links, now())), nextCursor } };
  },
});
