/** Who has a ticket: giving it to an agent, taking it away, passing it on. */
import { z } from 'zod';
import { checkAgent, checkTeam } from '../reads/receivers.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { words } from '../shapes/text.ts';
import { ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { slug } from '../ticket-facts.ts';
import { type Asked, type Step, takeStep } from '../ticket-step.ts';

const agentId = z.guid({ error: 'must be the id of an agent' });

export const assignRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/assign',
  permission: 'tickets:assign',
  summary: 'Give a ticket to an agent, who may be away but must have room',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ agentId }),
  answer: { status: 200, description: 'The ticket with its assignee.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'already_assigned', 'agent_full', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, caller, services) {
    await checkAgent(services.pool, body.agentId);
    return takeStep(services, caller, params.id, (asked) => assignStep(asked, body.agentId));
  },
});

/** The step that gives a ticket to an agent because somebody says so. */
export function assignStep(asked: Asked, agentId: string): Step {
  const why = asked.by.id === agentId ? 'Took it.' : 'Was given it.';
  return { command: { type: 'assign', ...asked, agentId, handOut: false, why } };
}

export const unassignRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/unassign',
  permission: 'tickets:assign',
  summary: 'Take a ticket from whoever has it; it is handed out again where its type says so',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The ticket without an assignee.', schema: ticketSchema },
  errors: ['not_found', 'not_assigned', 'workflow_unavailable'],
  etag: true,
  handle: ({ params }, caller, services) => takeStep(services, caller, params.id, unassignStep),
});

/** The step that takes a ticket from whoever has it. */
export function unassignStep(asked: Asked): Step {
  return { command: { type: 'unassign', ...asked, agentId: null, why: 'Was taken from them by hand.' } };
}

const transferSchema = z
  .strictObject({ agentId: agentId.optional(), teamId: slug.optional(), note: words(100_000).optional() })
  .refine(({ agentId, teamId }) => (agentId === undefined) !== (teamId === undefined), {
    path: ['agentId'],
    error: 'or "teamId" must be given, and not both',
  });

export const transferRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/transfer',
  permission: 'tickets:assign',
  summary: 'Pass a ticket on to an agent, or to a team whose members are then asked, with a note for whoever gets it',
  params: ticketParams,
  query: nothing,
  body: transferSchema,
  answer: { status: 200, description: 'The ticket where it is now.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'already_assigned', 'agent_full', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, caller, services) {
    await checkReceiver(services, body);
    const { agentId = null, teamId = null } = body;
    return takeStep(services, caller, params.id, (asked) => {
      const command = { type: 'transfer', ...asked, agentId, teamId } as const;
      if (body.note === undefined) return { command: { ...command, note: null } };
      const [messageId, textId] = [caller.command.idFor('message'), caller.command.idFor('text')];
      return { command: { ...command, note: { messageId, textId } }, words: [{ id: textId, body: body.note }] };
    });
  },
});

async function checkReceiver({ pool }: Services, { agentId, teamId }: z.output<typeof transferSchema>): Promise<void> {
  if (agentId !== undefined) await checkAgent(pool, agentId);
  if (teamId !== undefined) await checkTeam(pool, 'teamId', teamId);
}
