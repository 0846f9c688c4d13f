/** A ticket's move from one status to another, and all that follows from it. */
import type { EventType } from '../events.ts';
import type { Change } from '../outcome.ts';
import { TARGETS } from '../sla-policy.ts';
import { isDone, isPausing, type Status } from '../status.ts';
import { activate, cancel, fulfil, pauseClocks, resumeClocks } from './clocks.ts';
import { staleDraft } from './decided-drafts.ts';
import { wakeUp } from './snoozes.ts';

export interface Move {
  to: Status;
  reasonTextId: string | null;
  at: number;
  /** Whoever had it has no room for it now. */
  noRoom: boolean;
}

type MoveEvent = Extract<
  EventType,
  `ticket.${'opened' | 'pending' | 'onHold' | 'escalated' | 'resolved' | 'closed' | 'reopened'}`
>;

const EVENTS: Readonly<Partial<Record<Status, MoveEvent>>> = {
  open: 'ticket.opened',
  pending: 'ticket.pending',
  on_hold: 'ticket.onHold',
  escalated: 'ticket.escalated',
  resolved: 'ticket.resolved',
  closed: 'ticket.closed',
};

/** Moves the ticket, with its clocks, its draft and its assignee. Whether it may is for the caller to judge. */
export function moveTo(change: Change, { to, reasonTextId, at, noRoom }: Move): void {
  const { ticket } = change;
  const from = ticket.status;
  const reopened = from === 'resolved' && !isDone(to);
  const event = reopened ? 'ticket.reopened' : EVENTS[to];
  if (event === undefined) throw new Error(`Nothing moves a ticket to ${to}.`);
  change.emit(event, { from, reasonTextId });
  ticket.status = to;
  if (isDone(to)) return finish(change, to, at);
  if (reopened) reopen(change, at, noRoom);
  if (isPausing(to) && !isPausing(from)) pauseClocks(change, to, at);
  if (isPausing(from) && !isPausing(to)) resumeClocks(change, at);
}

/** Nobody waits any more: drafts are stale, clocks end, nobody is paged, and what was asked for is let go. */
function finish(change: Change, to: Status, at: number): void {
  const { ticket } = change;
  staleDraft(change, null, at);
  wakeUp(change, 'done');
  const kept = to === 'closed' ? ['tell'] : ['triage', 'send', 'settings', 'tell'];
  ticket.effects = ticket.effects.filter((effect) => kept.includes(effect.kind));
  if (ticket.resolvedAt === null) fulfil(change, 'resolution', at);
  cancel(change, TARGETS, to);
  if (to === 'closed') ticket.closedAt = at;
  ticket.resolvedAt ??= at;
}

/** The work begins again, with a full target, and with whoever did it where there is room. */
function reopen(change: Change, at: number, noRoom: boolean): void {
  const { ticket } = change;
  ticket.resolvedAt = null;
  if (noRoom && ticket.assigneeId !== null) {
    const before = ticket.assigneeId;
    ticket.assigneeId = null;
    ticket.preferredAgentId = before;
    change.emit('ticket.unassigned', { before, why: 'It was reopened, and whoever had it has no room for it now.' });
  }
  // What was breached and never given was let go with the resolution; the next message is owed an answer of its own.
  if (ticket.clocks.nextResponse?.fulfilledAt === null) ticket.clocks = { ...ticket.clocks, nextResponse: null };
  activate(change, ['resolution'], at, at);
}
