/** From a ticket to its workflow in Temporal's UI. */
import { z } from 'zod';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { findTicketVersion } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { workflowUrl } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';

export const workflowRoute = route({
  method: 'get',
  path: '/api/v1/tickets/{id}/workflow',
  permission: 'tickets:inspect',
  summary: 'Find the workflow of a ticket; runId is null while Temporal does not answer',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The workflow and its page in Temporal’s UI.',
    schema: z.object({ workflowId: z.string(), runId: z.string().nullable(), url: z.string() }),
  },
  errors: ['not_found'],
  async handle({ params }, { principal }, { pool, temporal, links }) {
    const ticket = await findTicketVersion(pool, principal, params.id);
    const workflowId = ticketWorkflowId(ticket.id);
    return { body: { workflowId, runId: await temporal.runIdOf(workflowId), url: workflowUrl(workflowId, links) } };
  },
});
