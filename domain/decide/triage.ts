/** Triage: what the first message is about. It informs, and never overrules a person. */
import type { CompleteTriage } from '../commands.ts';
import { type Decision, open } from '../outcome.ts';
import { SYSTEM, type Ticket } from '../ticket.ts';
import { applyPolicy } from './clocks.ts';
import { staleDraft } from './decided-drafts.ts';
import { settle } from './effects.ts';
import { moveTo } from './moves.ts';
import { holds, lookUpSettings, takeType } from './settings.ts';

/** Takes the triage in: facts, type and priority unless a person chose them, the deadlines that follow, and the ticket opens. */
export function completeTriage(ticket: Ticket, command: CompleteTriage, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'triage');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  const next = change.ticket;
  const { triage, supportType } = command;
  next.triage = triage;
  if (!next.priorityChosen) next.priority = triage.priority;
  if (!next.severityChosen) next.severity = triage.severity;
  if (next.supportType === null && supportType !== null) takeType(change, supportType);
  change.emit('ticket.triaged', {
    ...triage,
    priorityBefore: ticket.priority,
    supportTypeId: next.supportType?.id ?? null,
  });
  if (next.supportType?.autonomy === 'off') {
    staleDraft(change, null, at);
    next.effects = next.effects.filter((effect) => effect.kind !== 'draft');
  }
  // The policy was chosen for what the ticket would be; somebody may have changed that, or the settings, meanwhile.
  if (holds(next, command)) applyPolicy(change, command.policy, at);
  else lookUpSettings(change);
  if (ticket.status === 'triaging') moveTo(change, { to: 'open', reasonTextId: null, at, noRoom: false });
  return change.outcome();
}
