/** A deadline falling due: at risk, then breached, then up the ladder. */
import { breach, isRunning, warn } from '../clock.ts';
import type { FallDue } from '../commands.ts';
import { type Decision, open, refuse } from '../outcome.ts';
import { referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { beginLadder } from './ladder.ts';

/** The deadline is near: said once on the timeline for each of the policy's warnings. */
export function warnOfBreach(ticket: Ticket, command: FallDue & { type: 'warn' }, at: number): Decision {
  const { target } = command;
  const clock = ticket.clocks[target];
  const [warnAt] = clock?.warnAt ?? [];
  if (!isRunning(clock) || clock.dueAt === null || warnAt === undefined || at < warnAt) return notDue(ticket);
  const change = open(ticket, command, at, SYSTEM);
  change.ticket.clocks = { ...ticket.clocks, [target]: warn(clock, at) };
  change.emit('sla.warned', { target, dueAt: clock.dueAt });
  return change.outcome();
}

/** The deadline has passed: said once, and the policy's ladder begins. */
export function breachOf(ticket: Ticket, command: FallDue & { type: 'breach' }, at: number): Decision {
  const { target } = command;
  const clock = ticket.clocks[target];
  if (!isRunning(clock) || clock.dueAt === null || at < clock.dueAt) return notDue(ticket);
  const change = open(ticket, command, at, SYSTEM);
  change.ticket.clocks = { ...ticket.clocks, [target]: breach(clock, at) };
  change.emit('sla.breached', { target, dueAt: clock.dueAt });
  beginLadder(change, target, clock.dueAt, at);
  return change.outcome();
}

function notDue(ticket: Ticket) {
  return refuse('not_found', `${referenceOf(ticket)} has no such deadline due.`);
}
