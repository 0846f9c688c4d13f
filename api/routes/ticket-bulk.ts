/**
 * One step for many tickets at once: each takes it or refuses it by itself.
 *
 * Does not promise all or nothing. When Temporal does not answer for one of them the whole request is refused and may come
 * again with its Idempotency-Key: what was done is then answered as done.
 */
import { z } from 'zod';
import { DeskError, ERRORS } from '../../domain/errors.ts';
import type { Permission } from '../../domain/permissions.ts';
import { PRIORITIES } from '../../domain/ticket.ts';
import { execute } from '../execute.ts';
import { requirePermission } from '../principal.ts';
import { factsOf } from '../problem.ts';
import { checkAgent } from '../reads/receivers.ts';
import { findTicketVersion } from '../reads/tickets.ts';
import { nothing, route, type Run } from '../route.ts';
import type { Services } from '../services.ts';
import { ticketName } from '../shapes/ticket-params.ts';
import { tagsSchema } from '../ticket-facts.ts';
import { type Asked, askedBy, type Step } from '../ticket-step.ts';
import { assignStep, unassignStep } from './ticket-assignment.ts';
import { snoozeSchema, snoozeStep, untilOf } from './ticket-snooze.ts';
import { statusSchema, statusStep } from './ticket-status.ts';

const MOST_TICKETS = 100;
const AT_ONCE = 10;

const commandSchema = z.discriminatedUnion('type', [
  statusSchema.extend({ type: z.literal('status') }),
  z.strictObject({ type: z.literal('assign'), agentId: z.guid({ error: 'must be the id of an agent' }) }),
  z.strictObject({ type: z.literal('unassign') }),
  z.strictObject({ type: z.literal('tags'), tags: tagsSchema }),
  z.strictObject({ type: z.literal('priority'), priority: z.enum(PRIORITIES) }),
  snoozeSchema.extend({ type: z.literal('snooze') }),
]);
type BulkCommand = z.output<typeof commandSchema>;

const PERMISSION = {
  status: 'tickets:status',
  assign: 'tickets:assign',
  unassign: 'tickets:assign',
  tags: 'tickets:update',
  priority: 'tickets:update',
  snooze: 'tickets:update',
} as const satisfies Record<BulkCommand['type'], Permission>;

const resultSchema = z.object({
  id: z.string().meta({ description: 'As it was given.' }),
  ok: z.boolean(),
  error: z.looseObject({ code: z.string(), detail: z.string() }).optional(),
});
type Result = z.infer<typeof resultSchema>;

export const bulkRoute = route({
  method: 'post',
  path: '/api/v1/tickets/bulk',
  permission: 'tickets:update',
  summary: 'Take the same step with up to 100 tickets; each takes it or refuses it by itself',
  params: nothing,
  query: nothing,
  body: z.strictObject({ ids: z.array(ticketName).min(1).max(MOST_TICKETS), command: commandSchema }),
  answer: {
    status: 200,
    description: 'What became of each, in the order given.',
    schema: z.object({ results: z.array(resultSchema) }),
  },
  errors: ['workflow_unavailable'],
  async handle({ body: { ids, command } }, caller, services) {
    requirePermission(caller.principal, PERMISSION[command.type]);
    if (command.type === 'assign') await checkAgent(services.pool, command.agentId);
    if (command.type === 'snooze') untilOf(services, command);
    const take = (name: string) => resultOf(name, () => takeOne(services, caller, name, command));
    return { body: { results: await inTurns(ids, take) } };
  },
});

/** Does `take` for each of `names`, a few at once. */
async function inTurns(names: readonly string[], take: (name: string) => Promise<Result>): Promise<Result[]> {
  const results: Result[] = [];
  for (let done = 0; done < names.length; done += AT_ONCE) {
    results.push(...(await Promise.all(names.slice(done, done + AT_ONCE).map(take))));
  }
  return results;
}

/** What became of one; only what concerns this very ticket is its result, and the rest is thrown. */
async function resultOf(id: string, take: () => Promise<void>): Promise<Result> {
  try {
    await take();
    return { id, ok: true };
  } catch (error) {
    if (!(error instanceof DeskError) || ERRORS[error.code].retryable) throw error;
    return { id, ok: false, error: { ...factsOf(error), code: error.code, detail: error.message } };
  }
}

/** The command's name within the ticket follows from the request's and the ticket's, so that a repeat is the same. */
async function takeOne(
  services: Services,
  caller: Parameters<Run>[0],
  name: string,
  wanted: BulkCommand,
): Promise<void> {
  const { id: ticketId } = await findTicketVersion(services.pool, caller.principal, name);
  const asked = askedBy(caller);
  const own = { ...asked, id: `${asked.id}:${ticketId}` };
  const idFor = (part: string) => caller.command.idFor(`${part}:${ticketId}`);
  const { command, words } = await stepOf(services, ticketId, own, idFor, wanted);
  await execute(services, ticketId, command, words);
}

function stepOf(
  services: Services,
  ticketId: string,
  asked: Asked,
  idFor: (part: string) => string,
  wanted: BulkCommand,
): Step | Promise<Step> {
  switch (wanted.type) {
    case 'status':
      return statusStep(services, ticketId, asked, { idFor }, wanted);
    case 'assign':
      return assignStep(asked, wanted.agentId);
    case 'unassign':
      return unassignStep(asked);
    case 'tags':
      return { command: { ...asked, type: 'change', tags: wanted.tags } };
    case 'priority':
      return { command: { ...asked, type: 'change', priority: wanted.priority } };
    case 'snooze':
      return snoozeStep(asked, untilOf(services, wanted));
  }
}
