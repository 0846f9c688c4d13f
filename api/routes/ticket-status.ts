/** The steps in a ticket's life that a person asks for. */
import { z } from 'zod';
import { DeskError } from '../../domain/errors.ts';
import { type Status, STATUSES } from '../../domain/status.ts';
import type { CommandName } from '../command.ts';
import { recordedTicket } from '../reads/tickets.ts';
import { checkReason } from '../resolution-reason.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { words } from '../shapes/text.ts';
import { ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { type Asked, showTicket, type Step, takeStep } from '../ticket-step.ts';

/** What a step to another status asks for. */
export const statusSchema = z.strictObject({ status: z.enum(STATUSES), reason: words(2_000).optional() });

export const setStatusRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/status',
  permission: 'tickets:status',
  summary: 'Take a ticket to another status; a step that is not allowed is refused and names those that are',
  params: ticketParams,
  query: nothing,
  body: statusSchema,
  answer: { status: 200, description: 'The ticket after the step.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'reason_required', 'workflow_unavailable'],
  etag: true,
  handle: ({ params, body }, caller, services) =>
    takeStep(services, caller, params.id, (asked, ticketId) =>
      statusStep(services, ticketId, asked, caller.command, body),
    ),
});

export const closeTicketRoute = route({
  method: 'delete',
  path: '/api/v1/tickets/{id}',
  permission: 'tickets:status',
  summary: 'Close a ticket; nothing of it is erased',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The ticket, closed; one that was closed already stays as it is.',
    schema: ticketSchema,
  },
  errors: ['not_found', 'illegal_transition', 'workflow_unavailable'],
  etag: true,
  async handle({ params }, caller, services) {
    try {
      return await takeStep(services, caller, params.id, (asked) => ({ command: toStatus(asked, 'closed', null) }));
    } catch (error) {
      // To delete what is deleted already succeeds, whoever was first.
      if (!(error instanceof DeskError) || error.code !== 'illegal_transition') throw error;
      const shown = await showTicket(services, caller, params.id);
      if (shown.body.status !== 'closed') throw error;
      return shown;
    }
  },
});

/** The step to another status, with the reason beside it; throws `reason_required` where its type asks for another. */
export async function statusStep(
  services: Services,
  ticketId: string,
  asked: Asked,
  name: Pick<CommandName, 'idFor'>,
  { status, reason }: z.output<typeof statusSchema>,
): Promise<Step> {
  if (status === 'resolved') {
    const { state } = await recordedTicket(services.pool, ticketId);
    await checkReason(services, state, status, reason);
  }
  if (reason === undefined) return { command: toStatus(asked, status, null) };
  const id = name.idFor('text');
  return { command: toStatus(asked, status, id), words: [{ id, body: reason }] };
}

function toStatus(asked: Asked, status: Status, reasonTextId: string | null) {
  return { type: 'setStatus', ...asked, status, reasonTextId } as const;
}
