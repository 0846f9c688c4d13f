/** What a person says to an escalation that is under way. */
import { z } from 'zod';
import { nothing, route } from '../route.ts';
import { ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { takeStep } from '../ticket-step.ts';

const LONGEST_MINUTES = 1440;

export const acknowledgeRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/escalation/acknowledge',
  permission: 'tickets:escalation',
  summary: 'Say that somebody has seen to it: nobody further up the ladder is paged',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The ticket; its deadline stays missed until it is answered.',
    schema: ticketSchema,
  },
  errors: ['not_found', 'no_escalation', 'workflow_unavailable'],
  etag: true,
  handle: ({ params }, caller, services) =>
    takeStep(services, caller, params.id, (asked) => ({ command: { type: 'acknowledge', ...asked } })),
});

export const postponeRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/escalation/postpone',
  permission: 'tickets:escalation',
  summary: 'Let the next step of the ladder wait for some minutes from now',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ minutes: z.int().min(1).max(LONGEST_MINUTES) }),
  answer: { status: 200, description: 'The ticket with the moment of its next step.', schema: ticketSchema },
  errors: ['not_found', 'no_escalation', 'workflow_unavailable'],
  etag: true,
  handle: ({ params, body }, caller, services) =>
    takeStep(services, caller, params.id, (asked) => ({
      command: { type: 'postpone', ...asked, minutes: body.minutes },
    })),
});
