/**
 * A step that a person takes with a ticket: found by its name, judged by `If-Match`, executed, and answered with the ticket
 * after it.
 */
import type { PersonCommand } from '../domain/person-commands.ts';
import type { Actor } from '../domain/ticket.ts';
import { EVERYTHING } from '../domain/scope.ts';
import { execute, type Words } from './execute.ts';
import { actorOf } from './principal.ts';
import { findTicket, findTicketVersion } from './reads/tickets.ts';
import type { Run } from './route.ts';
import type { Services } from './services.ts';
import { etagOf, ticketJson, type TicketJson } from './shapes/ticket.ts';

type Caller = Parameters<Run>[0];

/** What every command of a person names. */
export interface Asked {
  id: string;
  requestId: string;
  by: Actor & { id: string };
}

export interface Step {
  command: PersonCommand;
  /** What the command names and does not hold. */
  words?: readonly Words[];
}

/** The command's name, its request and who asks; throws `forbidden` for a key that belongs to no user. */
export function askedBy({ command, requestId, principal }: Caller): Asked {
  return { id: command.id, requestId, by: actorOf(principal) };
}

/** Takes a step with the ticket that `name` means, and answers the ticket after it; throws a DeskError for a refusal. */
export async function takeStep(
  services: Services,
  caller: Caller,
  name: string,
  stepOf: (asked: Asked, ticketId: string) => Step | Promise<Step>,
) {
  const asked = askedBy(caller);
  const ticket = await findTicketVersion(services.pool, caller.principal, name);
  caller.requireMatch(etagOf(ticket));
  const { command, words } = await stepOf(asked, ticket.id);
  await execute(services, ticket.id, command, words);
  return showTicket(services, caller, ticket.id);
}

/**
 * The answer that shows the ticket as it is recorded now to whoever took a step with it, also when the step took it out of
 * his sight.
 */
export async function showTicket(
  { pool, links, now }: Services,
  { principal }: Pick<Caller, 'principal'>,
  ticketId: string,
): Promise<{ body: TicketJson; headers: { ETag: string } }> {
  const row = await findTicket(pool, { ...principal, scope: EVERYTHING }, ticketId);
  return { body: ticketJson(row, principal, links, now()), headers: { ETag: etagOf(row) } };
}

/** The answer that shows a ticket that was just opened, and where it is. */
export async function showNewTicket(services: Services, caller: Pick<Caller, 'principal'>, ticketId: string) {
  const { body, headers } = await showTicket(services, caller, ticketId);
  return { body, headers: { ...headers, Location: `/api/v1/tickets/${ticketId}` } };
}
