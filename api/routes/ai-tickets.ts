/** What the engines say to a ticket: the draft that waits, and what to do next. A person decides. */
import { z } from 'zod';
import { ADVICE } from '../../integrations/advisor.ts';
import { advise } from '../advice.ts';
import { fieldsOf } from '../fields.ts';
import { ticketFacts } from '../reads/advice-facts.ts';
import { newestProposedDraft } from '../reads/drafts.ts';
import { nameActors } from '../reads/names.ts';
import { findTicket, findTicketVersion } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { advisedJson, proposedDraftSchema, recommendationSchema } from '../shapes/advice.ts';
import { deciderOf, draftJson } from '../shapes/draft.ts';
import { ticketParams } from '../shapes/ticket-params.ts';

export const proposedDraftRoute = route({
  method: 'get',
  path: '/api/v1/ai/tickets/{id}/draft',
  permission: 'ai:read',
  summary: 'Read the draft that waits for a decision',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The newest draft that is proposed, or why there is none.',
    schema: proposedDraftSchema,
  },
  errors: ['not_found'],
  async handle({ params }, { principal }, { pool }) {
    const { id: ticketId } = await findTicketVersion(pool, principal, params.id);
    const row = await newestProposedDraft(pool, ticketId);
    if (row === undefined) {
      const reason = 'No draft waits: none was proposed to the newest message yet, or it has been decided.';
      return { body: { ticketId, draft: null, missing: [{ part: 'draft', reason }] } };
    }
    const name = await nameActors(pool, [deciderOf(row)]);
    return { body: { ticketId, draft: draftJson(row, name), missing: [] } };
  },
});

export const recommendRoute = route({
  method: 'get',
  path: '/api/v1/ai/tickets/{id}/recommend',
  permission: 'ai:read',
  summary: 'See what to do next with a ticket',
  params: ticketParams,
  query: z.strictObject({ fields: fieldsOf(recommendationSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The actions, and what the answer goes without.', schema: recommendationSchema },
  errors: ['not_found'],
  async handle({ params }, { principal }, services) {
    const ticket = await findTicket(services.pool, principal, params.id);
    const facts = await ticketFacts(services.pool, principal, ticket, services.now());
    const advice = await advise(services, {
      task: 'recommend',
      customerId: ticket.requesterId,
      facts,
      schema: ADVICE.recommend,
      ask: (engine) => engine.recommend(facts),
    });
    const { actions, warnings, talkingPoints } = advice.answer;
    return { body: { ticketId: ticket.id, actions, warnings, talkingPoints, ...advisedJson(advice) } };
  },
});
