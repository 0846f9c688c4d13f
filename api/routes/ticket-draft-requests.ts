/**
 * Asking for another draft. It is written beside the ticket's own work, so the answer comes before the draft and names it.
 *
 * Does not promise a draft: a newer message brings one of its own, and a reply or the end of the ticket lets go of it.
 */
import { execute } from '../execute.ts';
import { findDraftRequest } from '../reads/drafts.ts';
import { nameActors } from '../reads/names.ts';
import { findTicketVersion } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { draftRequestJson, draftRequestSchema, requesterOf } from '../shapes/draft-request.ts';
import { etagOf } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { askedBy } from '../ticket-step.ts';

export const requestDraftRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/drafts',
  permission: 'drafts:decide',
  summary: 'Ask for another draft; the one that waits is stale then',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: {
    status: 202,
    description:
      'The draft is being written, and is listed under its id once it is there. A newer message, a reply or the end of the ticket lets go of it.',
    schema: draftRequestSchema,
  },
  errors: ['not_found', 'illegal_transition', 'ticket_closed', 'ticket_merged', 'workflow_unavailable'],
  etag: true,
  async handle({ params }, caller, services) {
    const { pool } = services;
    const asked = askedBy(caller);
    const ticket = await findTicketVersion(pool, caller.principal, params.id);
    caller.requireMatch(etagOf(ticket));
    const draftId = caller.command.idFor('draft');
    await execute(services, ticket.id, { type: 'requestDraft', ...asked, draftId });
    const row = await findDraftRequest(pool, ticket.id, draftId);
    return { body: draftRequestJson(row, await nameActors(pool, [requesterOf(row)])) };
  },
});
