/** One ticket going into another, and taken back. */
import { z } from 'zod';
import { findOther } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { ticketSchema } from '../shapes/ticket.ts';
import { ticketName, ticketParams } from '../shapes/ticket-params.ts';
import { takeStep } from '../ticket-step.ts';

export const mergeRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/merge',
  permission: 'tickets:merge',
  summary: 'Let a ticket go into another one that goes on; it can be taken back for 30 days',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ into: ticketName }),
  answer: { status: 200, description: 'The ticket that went into the other.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'merge_refused', 'workflow_unavailable'],
  etag: true,
  handle: ({ params, body }, caller, services) =>
    takeStep(services, caller, params.id, async (asked) => {
      const { id: into, state } = await findOther(services.pool, caller.principal, 'into', body.into);
      return { command: { type: 'merge', ...asked, into, intoNumber: state.number } };
    }),
});

export const unmergeRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/unmerge',
  permission: 'tickets:merge',
  summary: 'Take a merge back: the ticket goes on as it was',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The ticket, on its own again.', schema: ticketSchema },
  errors: ['not_found', 'not_merged', 'workflow_unavailable'],
  etag: true,
  handle: ({ params }, caller, services) =>
    takeStep(services, caller, params.id, (asked) => ({ command: { type: 'unmerge', ...asked } })),
});
