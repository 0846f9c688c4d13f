/** A breach climbs its policy's ladder, step by step, until somebody acknowledges it or what was owed is done. */
import type { CompletePage, FallDue } from '../commands.ts';
import type { Acknowledge, Postpone } from '../person-commands.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import type { Target } from '../sla-policy.ts';
import { referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { settle } from './effects.ts';

/** Begins the ladder for a breach; one that is being climbed for an earlier breach goes on. */
export function beginLadder(change: Change, target: Target, dueAt: number, at: number): void {
  const { ticket } = change;
  const first = ticket.policy?.ladder[0];
  if (first === undefined || (ticket.escalation !== null && ticket.escalation.nextAt !== null)) return;
  ticket.escalation = { target, dueAt, step: 0, nextAt: at + first.delay, acknowledgedBy: null };
  if (first.delay === 0) takeStep(change, at);
}

/** What the breach was about is done or no longer wanted: nobody is paged for it any more. Answers whether somebody was. */
export function stopLadder(change: Change, target: Target, reason: string): boolean {
  const { escalation } = change.ticket;
  if (escalation === null || escalation.target !== target) return false;
  change.ticket.escalation = null;
  change.ticket.effects = change.ticket.effects.filter((effect) => effect.kind !== 'page');
  if (escalation.nextAt !== null) change.emit('escalation.stopped', { target, reason });
  return true;
}

/** The next step's moment has come. */
export function climb(ticket: Ticket, command: FallDue, at: number): Decision {
  const { escalation } = ticket;
  if (escalation === null || escalation.nextAt === null || at < escalation.nextAt) return noLadder(ticket);
  const change = open(ticket, command, at, SYSTEM);
  takeStep(change, at);
  return change.outcome();
}

/** The page has been shown, or nobody could be paged: then the next step is taken at once. */
export function completePage(ticket: Ticket, command: CompletePage, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'page');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  const { target, dueAt, step } = asked.effect;
  if (command.to.length > 0) {
    change.emit('escalation.paged', { step, target, dueAt, to: command.to });
    return change.outcome();
  }
  change.emit('escalation.failed', { step, target, dueAt });
  const { escalation } = change.ticket;
  const isThis = escalation?.target === target && escalation.dueAt === dueAt && escalation.step === step + 1;
  if (isThis && escalation.nextAt !== null) takeStep(change, at);
  return change.outcome();
}

/** Somebody has seen it: the ladder stops, and a page that is still on its way is let go. */
export function acknowledge(ticket: Ticket, command: Acknowledge, at: number): Decision {
  const { escalation } = ticket;
  if (escalation === null || escalation.acknowledgedBy !== null) return noLadder(ticket);
  const change = open(ticket, command, at, command.by);
  change.ticket.escalation = { ...escalation, nextAt: null, acknowledgedBy: command.by };
  change.ticket.effects = ticket.effects.filter((effect) => effect.kind !== 'page');
  change.emit('escalation.acknowledged', { target: escalation.target });
  return change.outcome();
}

/** The next step waits for some minutes from now. */
export function postpone(ticket: Ticket, command: Postpone, at: number): Decision {
  const { escalation } = ticket;
  if (escalation === null || escalation.nextAt === null) return noLadder(ticket);
  const until = at + command.minutes * 60_000;
  const change = open(ticket, command, at, command.by);
  change.ticket.escalation = { ...escalation, nextAt: until };
  change.emit('escalation.postponed', { target: escalation.target, until });
  return change.outcome();
}

/** Pages for the step that is due, and sets the moment of the one after it. */
function takeStep(change: Change, at: number): void {
  const { ticket } = change;
  const { escalation, policy } = ticket;
  const step = escalation === null ? undefined : policy?.ladder[escalation.step];
  if (escalation === null || policy === null) return;
  const after = policy.ladder[escalation.step + 1];
  ticket.escalation = {
    ...escalation,
    step: escalation.step + 1,
    nextAt: step === undefined || after === undefined ? null : at + after.delay,
  };
  if (step === undefined) return;
  const { target, dueAt } = escalation;
  // By version: two clocks may be due at one instant, and each page is answered once.
  const id = `page:${target}:${escalation.step}:${ticket.version + 1}`;
  ticket.effects = [
    ...ticket.effects,
    { kind: 'page', id, requestId: change.requestId, target, dueAt, step: escalation.step, page: step.page },
  ];
}

function noLadder(ticket: Ticket) {
  const detail = `${referenceOf(ticket)} has no escalation under way: it is not late, or somebody has acknowledged it.`;
  return refuse('no_escalation', detail);
}
