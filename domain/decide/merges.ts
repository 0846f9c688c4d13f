/**
 * Tickets that belong together: one goes into another and can be taken back for a while; parts of one become another; links.
 *
 * That two merges do not cross is not known here: the database refuses to record a merge into a ticket that went into
 * another, or is closed.
 */
import type { Absorb, FallDue } from '../commands.ts';
import type { LinkTicket, Merge, Split, Unmerge } from '../person-commands.ts';
import type { Effect } from '../effects.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import { TARGETS } from '../sla-policy.ts';
import { isDone, isPausing } from '../status.ts';
import { isSending, referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { cancel, pauseClocks, resumeClocks } from './clocks.ts';
import { staleDraft } from './decided-drafts.ts';
import { stopLadder } from './ladder.ts';
import { lookUpSettings } from './settings.ts';
import { wakeUp } from './snoozes.ts';

/** For this long a merge can be taken back. */
const REVERSIBLE_FOR = 30 * 24 * 3_600_000;

/** The ticket goes into another: its clocks stand still, nobody has it, and what comes late goes to the other one. */
export function merge(ticket: Ticket, command: Merge, at: number, noRoom: boolean): Decision {
  if (isDone(ticket.status) || isSending(ticket)) {
    const why = isSending(ticket) ? 'has a reply on its way' : `is ${ticket.status}`;
    return refuse('illegal_transition', `${referenceOf(ticket)} ${why}, so it cannot go into another ticket.`, {
      status: ticket.status,
    });
  }
  if (command.into === ticket.id) return refuse('merge_refused', 'A ticket cannot go into itself.');
  if (noRoom) {
    const detail = `T-${command.intoNumber} went into another ticket itself, or is closed; merge into one that goes on.`;
    return refuse('merge_refused', detail, { into: command.into });
  }
  const { into, intoNumber } = command;
  const change = open(ticket, command, at, command.by);
  const next = change.ticket;
  change.emit('ticket.merged', { into, intoNumber });
  wakeUp(change, 'done');
  staleDraft(change, null, at);
  if (!isPausing(ticket.status)) pauseClocks(change, 'merged', at);
  next.merged = { into, intoNumber, statusBefore: ticket.status, until: at + REVERSIBLE_FOR };
  next.status = 'closed';
  if (ticket.escalation !== null) stopLadder(change, ticket.escalation.target, 'merged');
  next.effects = [telling(change, command, into, false)];
  return change.outcome();
}

/** Takes a merge back: the ticket goes on as it was. Whoever had it has it again, where there is room. */
export function unmerge(ticket: Ticket, command: Unmerge, at: number, noRoom: boolean): Decision {
  const { merged } = ticket;
  if (merged === null) return refuse('not_merged', `${referenceOf(ticket)} did not go into another ticket.`);
  const { into, intoNumber } = merged;
  if (merged.until === null) {
    const detail = `${referenceOf(ticket)} went into T-${intoNumber} for good; go on there.`;
    return refuse('not_merged', detail, { into });
  }
  const change = open(ticket, command, at, command.by);
  const next = change.ticket;
  next.merged = null;
  next.status = merged.statusBefore === 'triaging' ? 'open' : merged.statusBefore;
  change.emit('ticket.unmerged', { into, intoNumber });
  if (noRoom && ticket.assigneeId !== null) {
    next.assigneeId = null;
    next.preferredAgentId = ticket.assigneeId;
    change.emit('ticket.unassigned', { before: ticket.assigneeId, why: 'Whoever had it has no room for it now.' });
  }
  if (!isPausing(next.status)) resumeClocks(change, at);
  const others = next.effects.filter((effect) => effect.kind !== 'tell');
  next.effects = [...others, telling(change, command, into, true)];
  // What was decided about settings meanwhile did not reach it.
  lookUpSettings(change);
  return change.outcome();
}

function telling(change: Change, { id, by }: Merge | Unmerge, into: string, released: boolean): Effect {
  const { requestId, ticket } = change;
  return { kind: 'tell', id: `tell:${id}`, requestId, ticketId: into, fromNumber: ticket.number, released, by };
}

/** Nobody took the merge back in time: it is final, and what comes late still goes to the other ticket. */
export function settleMerge(ticket: Ticket, command: FallDue, at: number): Decision {
  const { merged } = ticket;
  if (merged === null || merged.until === null || at < merged.until) {
    return refuse('not_merged', `${referenceOf(ticket)} has no merge that is final now.`);
  }
  const change = open(ticket, command, at, SYSTEM);
  cancel(change, TARGETS, 'merged');
  change.ticket.merged = { ...merged, until: null };
  change.ticket.closedAt = at;
  change.emit('ticket.closed', { from: merged.statusBefore, reasonTextId: null });
  return change.outcome();
}

/** Another ticket went into this one, or was taken back; it is said on the timeline. */
export function absorb(ticket: Ticket, command: Absorb, at: number): Decision {
  const change = open(ticket, command, at, command.by);
  const { from, fromNumber, released } = command;
  change.emit(released ? 'ticket.released' : 'ticket.absorbed', { from, fromNumber });
  return change.outcome();
}

/** Some of the ticket's messages are another ticket's from now on; they stay to be read here. */
export function split(ticket: Ticket, command: Split, at: number): Decision {
  const change = open(ticket, command, at, command.by);
  change.emit('ticket.split', { into: command.into, messageIds: command.messageIds });
  return change.outcome();
}

/** Links the ticket with another, or takes the link away. */
export function link(ticket: Ticket, command: LinkTicket, at: number): Decision {
  if (command.otherId === ticket.id) return refuse('invalid_request', 'A ticket is not linked with itself.');
  const change = open(ticket, command, at, command.by);
  const { otherId, kind } = command;
  change.emit(command.type === 'link' ? 'ticket.linked' : 'ticket.unlinked', { otherId, kind });
  return change.outcome();
}
