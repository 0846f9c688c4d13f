/**
 * Who has a ticket. Whether somebody has room is not known here: the database says so when the change is recorded, and the
 * command is judged again with `noRoom`.
 */
import type { Assign, Transfer, Unassign } from '../person-commands.ts';
import { type Change, type Decision, open, refuse, type Refusal } from '../outcome.ts';
import { isDone } from '../status.ts';
import { referenceOf, type Ticket } from '../ticket.ts';

/** Gives the ticket to an agent; a hand-out never takes it from somebody. */
export function assign(ticket: Ticket, command: Assign, at: number, noRoom: boolean): Decision {
  const done = takesNobody(ticket);
  if (done !== null) return done;
  if (ticket.assigneeId === command.agentId || (command.handOut && ticket.assigneeId !== null)) {
    const detail = `${referenceOf(ticket)} is assigned to agent ${ticket.assigneeId} already.`;
    return refuse('already_assigned', detail, { assigneeId: ticket.assigneeId });
  }
  if (command.handOut && ticket.snoozed !== null) {
    return refuse('illegal_transition', `${referenceOf(ticket)} is snoozed, so it is handed out when it wakes.`, {
      status: ticket.status,
    });
  }
  if (noRoom) return hasNoRoom(command.agentId);
  const change = open(ticket, command, at, command.by);
  give(change, command.agentId);
  const { agentId: assigneeId, why, handOut } = command;
  change.emit('ticket.assigned', { assigneeId, before: ticket.assigneeId, why, handOut });
  return change.outcome();
}

/** Takes the ticket from whoever has it; it is handed out again where its type says so. */
export function unassign(ticket: Ticket, command: Unassign, at: number): Decision {
  if (ticket.status === 'closed') {
    return refuse('ticket_closed', `${referenceOf(ticket)} is closed, so it is taken from nobody.`);
  }
  const before = ticket.assigneeId;
  if (before === null || (command.agentId !== null && command.agentId !== before)) {
    return refuse('not_assigned', `${referenceOf(ticket)} is not assigned to ${command.agentId ?? 'anybody'}.`);
  }
  const change = open(ticket, command, at, command.by);
  change.ticket.assigneeId = null;
  change.ticket.preferredAgentId = null;
  change.emit('ticket.unassigned', { before, why: command.why });
  return change.outcome();
}

/** Passes the ticket on, to an agent or to a team, with a note for whoever gets it. */
export function transfer(ticket: Ticket, command: Transfer, at: number, noRoom: boolean): Decision {
  const done = takesNobody(ticket);
  if (done !== null) return done;
  const { agentId, teamId, note } = command;
  if (agentId !== null && agentId === ticket.assigneeId) {
    return refuse('already_assigned', `${referenceOf(ticket)} is assigned to agent ${agentId} already.`, {
      assigneeId: agentId,
    });
  }
  if (noRoom && agentId !== null) return hasNoRoom(agentId);
  const change = open(ticket, command, at, command.by);
  if (note !== null) change.emit('note.added', note);
  if (teamId !== null) change.ticket.teamId = teamId;
  give(change, agentId);
  change.emit('ticket.transferred', {
    assigneeId: agentId,
    teamId: change.ticket.teamId,
    before: ticket.assigneeId,
  });
  return change.outcome();
}

function give(change: Change, agentId: string | null): void {
  change.ticket.assigneeId = agentId;
  change.ticket.preferredAgentId = null;
}

function takesNobody(ticket: Ticket): Refusal | null {
  if (!isDone(ticket.status)) return null;
  const detail = `${referenceOf(ticket)} is ${ticket.status}, so nobody can be given it.`;
  return refuse('illegal_transition', detail, { status: ticket.status });
}

function hasNoRoom(agentId: string): Refusal {
  return refuse('agent_full', `Agent ${agentId} has no room for another ticket, or takes none now.`, { agentId });
}
