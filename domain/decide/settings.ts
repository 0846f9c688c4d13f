/** The settings that hold for a ticket: its support type and its policy, and what happens when they change. */
import type { ApplySettings } from '../commands.ts';
import type { ChangeTicket } from '../person-commands.ts';
import type { EventData } from '../events.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import { type PolicyFacts, sameFacts, type SlaPolicy } from '../sla-policy.ts';
import { policyFactsOf, referenceOf, SYSTEM, type Ticket, type TypeFacts } from '../ticket.ts';
import { applyPolicy } from './clocks.ts';
import { settle } from './effects.ts';

/** Changes the facts that a person gives; the policy that follows from them is looked up. */
export function changeTicket(ticket: Ticket, command: ChangeTicket, at: number): Decision {
  if (ticket.status === 'closed') {
    return refuse('ticket_closed', `${referenceOf(ticket)} is closed, so nothing of it can be changed.`);
  }
  const change = open(ticket, command, at, command.by);
  const next = change.ticket;
  const changed: EventData['ticket.changed'] = {};
  const { priority, severity, tags, supportType, teamId, subjectTextId, fieldsTextId } = command;
  if (priority !== undefined) {
    next.priorityChosen = true;
    if (priority !== ticket.priority) next.priority = changed.priority = priority;
  }
  if (severity !== undefined) {
    next.severityChosen = true;
    if (severity !== ticket.severity) next.severity = changed.severity = severity;
  }
  if (tags !== undefined && tags.join() !== ticket.tags.join()) next.tags = changed.tags = tags;
  if (supportType !== undefined && supportType.id !== ticket.supportType?.id) {
    takeType(change, supportType);
    changed.supportTypeId = supportType.id;
  }
  if (teamId !== undefined && teamId !== ticket.teamId) next.teamId = changed.teamId = teamId;
  if (subjectTextId !== undefined) changed.subjectTextId = subjectTextId;
  if (fieldsTextId !== undefined) changed.fieldsTextId = fieldsTextId;
  change.emit('ticket.changed', changed);
  if (!sameFacts(policyFactsOf(ticket), policyFactsOf(next))) lookUpSettings(change);
  return change.outcome();
}

/** Puts the ticket under the settings that were found for it, or asks again where they do not hold for it any more. */
export function applySettings(ticket: Ticket, command: ApplySettings, at: number): Decision {
  const asked = command.effectId === null ? { ticket } : settle(ticket, command.effectId, 'settings');
  if ('refused' in asked) return asked;
  if (ticket.status === 'closed') return refuse('ticket_closed', `${referenceOf(ticket)} is closed.`);
  const change = open(asked.ticket, command, at, SYSTEM);
  if (!holds(ticket, command)) {
    lookUpSettings(change);
    return change.outcome();
  }
  const { supportType } = command;
  if (supportType !== null && supportType.id === ticket.supportType?.id) change.ticket.supportType = supportType;
  applyPolicy(change, command.policy, at);
  return change.outcome();
}

/** Whether the policy was found for what the ticket is now, and by no older settings than it has. */
export function holds(ticket: Ticket, found: { policy: SlaPolicy; facts: PolicyFacts }): boolean {
  const { version } = found.policy;
  return version >= (ticket.policy?.version ?? version) && sameFacts(found.facts, policyFactsOf(ticket));
}

/** Asks for the settings to be looked up for what the ticket is now. */
export function lookUpSettings(change: Change): void {
  const { ticket } = change;
  const others = ticket.effects.filter((effect) => effect.kind !== 'settings');
  const id = `settings:${ticket.version + 1}`;
  ticket.effects = [...others, { kind: 'settings', id, requestId: change.requestId }];
}

/** The ticket is of this type from now on; its team takes it, unless somebody gave it to another. */
export function takeType(change: Change, supportType: TypeFacts): void {
  const { ticket } = change;
  const followed = ticket.teamId === null || ticket.teamId === ticket.supportType?.teamId;
  ticket.supportType = supportType;
  if (followed) ticket.teamId = supportType.teamId;
}
