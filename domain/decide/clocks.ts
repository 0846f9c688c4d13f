/** What changes do to the clocks of a ticket, and how that is said on the timeline. */
import { arm, fulfil as fulfilled, isOpen, isOverdue, isRunning, pause, resume, retarget } from '../clock.ts';
import type { Deadline, EventData } from '../events.ts';
import type { Change } from '../outcome.ts';
import { type SlaPolicy, TARGETS, type Target } from '../sla-policy.ts';
import { isDone, isPausing } from '../status.ts';
import { beginLadder, stopLadder } from './ladder.ts';

/** Sets the clocks of `targets` that the policy has, counting from `startedAt`; they stand still where the ticket waits. */
export function activate(change: Change, targets: readonly Target[], startedAt: number, at: number): void {
  const { ticket } = change;
  const { policy } = ticket;
  if (policy === null) return;
  const set: Target[] = [];
  for (const target of targets) {
    const clock = arm(policy, target, ticket.priority, startedAt);
    if (clock === null) continue;
    ticket.clocks = { ...ticket.clocks, [target]: isPausing(ticket.status) ? pause(clock, policy, at) : clock };
    set.push(target);
  }
  if (set.length === 0) return;
  change.emit('sla.activated', { startedAt, ...applied(change, policy, set) });
  if (isPausing(ticket.status)) change.emit('sla.paused', { targets: set, reason: ticket.status });
}

/** Somebody waits for an answer since `startedAt`: the clock for it is set, unless one for an older message goes on. */
export function oweResponse(change: Change, startedAt: number, at: number): void {
  const { clocks, firstResponseAt, status } = change.ticket;
  if (isDone(status)) return;
  const target = firstResponseAt === null ? 'firstResponse' : 'nextResponse';
  const clock = clocks[target];
  if (clock === null || clock.fulfilledAt !== null) activate(change, [target], startedAt, at);
}

/** Stops every running clock where it is. */
export function pauseClocks(change: Change, reason: string, at: number): void {
  const { ticket } = change;
  const { policy } = ticket;
  if (policy === null) return;
  const running = TARGETS.filter((target) => isRunning(ticket.clocks[target]));
  for (const target of running) {
    const clock = ticket.clocks[target];
    if (clock !== null) ticket.clocks = { ...ticket.clocks, [target]: pause(clock, policy, at) };
  }
  if (running.length > 0) change.emit('sla.paused', { targets: running, reason });
}

/** Lets every paused clock go on where it stopped. */
export function resumeClocks(change: Change, at: number): void {
  const { ticket } = change;
  const { policy } = ticket;
  if (policy === null) return;
  const resumed: Deadline[] = [];
  for (const target of TARGETS) {
    const clock = ticket.clocks[target];
    if (clock === null || !isOpen(clock) || isRunning(clock)) continue;
    const next = resume(clock, policy, at);
    ticket.clocks = { ...ticket.clocks, [target]: next };
    resumed.push({ target, dueAt: next.dueAt });
  }
  if (resumed.length > 0) change.emit('sla.resumed', { targets: resumed });
}

/** What was owed has been done, in time or late. */
export function fulfil(change: Change, target: Target, at: number): void {
  const { ticket } = change;
  const { policy } = ticket;
  const clock = ticket.clocks[target];
  if (policy === null || clock === null || clock.fulfilledAt !== null) return;
  const late = clock.breachedAt !== null;
  ticket.clocks = { ...ticket.clocks, [target]: fulfilled(clock, policy, at) };
  change.emit('sla.fulfilled', { target, dueAt: clock.dueAt, late });
  if (stopLadder(change, target, 'fulfilled')) climbForAnother(change, at);
}

/** A breach that came while another was on the ladder had none of its own. */
function climbForAnother(change: Change, at: number): void {
  const { clocks, status } = change.ticket;
  const target = TARGETS.find((one) => isOverdue(clocks[one]));
  const dueAt = target === undefined ? null : (clocks[target]?.dueAt ?? null);
  if (target !== undefined && dueAt !== null && !isDone(status)) beginLadder(change, target, dueAt, at);
}

/** Takes clocks off that nobody waits for any more; what was breached stays so. */
export function cancel(change: Change, targets: readonly Target[], reason: string): void {
  const { ticket } = change;
  const open = targets.filter((target) => isOpen(ticket.clocks[target]));
  for (const target of open) ticket.clocks = { ...ticket.clocks, [target]: null };
  if (open.length > 0) change.emit('sla.cancelled', { targets: open, reason });
  for (const target of targets) stopLadder(change, target, reason);
}

/**
 * Puts the ticket under `policy`, or under another priority of it: what was counted stays counted. A target that the policy
 * no longer sets is taken off; one that it newly sets counts from the ticket's beginning.
 */
export function applyPolicy(change: Change, policy: SlaPolicy, at: number): void {
  const { ticket } = change;
  const before = ticket.policy;
  ticket.policy = policy;
  if (before === null || isDone(ticket.status)) return;
  const other = before.id !== policy.id || before.version !== policy.version;
  const touched: Target[] = [];
  const gone: Target[] = [];
  for (const target of TARGETS) {
    const clock = ticket.clocks[target];
    if (!isOpen(clock)) continue;
    const next = retarget(clock, before, policy, target, ticket.priority, at);
    ticket.clocks = { ...ticket.clocks, [target]: next ?? clock };
    if (next === null) gone.push(target);
    else if (other || next.target !== clock.target || next.dueAt !== clock.dueAt) touched.push(target);
  }
  if (touched.length > 0) change.emit('sla.policyApplied', applied(change, policy, touched));
  cancel(change, gone, 'policy');
  const owed: Target[] = ticket.firstResponseAt === null ? ['firstResponse', 'resolution'] : ['resolution'];
  const missing = owed.filter((target) => before.targets[target] === null && ticket.clocks[target] === null);
  activate(change, missing, ticket.createdAt ?? at, at);
}

function applied(change: Change, policy: SlaPolicy, targets: readonly Target[]): EventData['sla.policyApplied'] {
  const { clocks, priority } = change.ticket;
  return {
    policyId: policy.id,
    policyVersion: policy.version,
    priority,
    targets: targets.map((target) => ({
      target,
      dueAt: clocks[target]?.dueAt ?? null,
      allowed: clocks[target]?.target ?? 0,
    })),
  };
}
