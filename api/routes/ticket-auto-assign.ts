/** Letting the desk choose who gets a ticket. */
import { chooseFor } from '../../db/hand-out.ts';
import { DeskError } from '../../domain/errors.ts';
import { isDone } from '../../domain/status.ts';
import { referenceOf } from '../../domain/ticket.ts';
import { execute } from '../execute.ts';
import { findTicket } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { etagOf, ticketSchema, type TicketRow } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { type Asked, askedBy, showTicket } from '../ticket-step.ts';

/** How often somebody is chosen who turns out to have filled up meanwhile. */
const MOST_CHOICES = 10;

export const autoAssignRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/auto-assign',
  permission: 'tickets:assign',
  summary: 'Give a ticket to the agent whom the desk chooses by its support type',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The ticket with its assignee; the timeline says why.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'already_assigned', 'agent_full', 'workflow_unavailable'],
  etag: true,
  async handle({ params }, caller, services) {
    const asked = askedBy(caller);
    const row = await findTicket(services.pool, caller.principal, params.id);
    caller.requireMatch(etagOf(row));
    await handOut(services, row, asked);
    return showTicket(services, caller, row.id);
  },
});

/** Each choice is a command of its own: a refused one stays refused, whoever it names. */
async function handOut(services: Services, { id: ticketId, state }: TicketRow, asked: Asked): Promise<void> {
  const ids = Array.from({ length: MOST_CHOICES }, (_, choice) => `${asked.id}:${choice}`);
  if (ids.some((id) => state.applied.includes(id))) return;
  const reference = referenceOf(state);
  if (isDone(state.status)) {
    const detail = `${reference} is ${state.status}, so nobody can be given it.`;
    throw new DeskError('illegal_transition', detail, { facts: { status: state.status } });
  }
  if (state.assigneeId !== null) {
    const detail = `${reference} is assigned to agent ${state.assigneeId} already; unassign it first, or transfer it.`;
    throw new DeskError('already_assigned', detail, { facts: { assigneeId: state.assigneeId } });
  }
  for (const id of ids) {
    const { agentId, why } = await chooseFor(services.pool, services.settings, ticketId, services.now());
    if (agentId === null) throw new DeskError('agent_full', why, { facts: { why } });
    try {
      return await execute(services, ticketId, { type: 'assign', ...asked, id, agentId, handOut: true, why });
    } catch (error) {
      if (!(error instanceof DeskError) || error.code !== 'agent_full') throw error;
    }
  }
  const why = `Whoever was chosen for ${reference} had filled up or left by then, ${MOST_CHOICES} times; try again.`;
  throw new DeskError('agent_full', why, { facts: { why } });
}
