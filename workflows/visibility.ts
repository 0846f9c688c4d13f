/**
 * What a lead sees of a ticket in Temporal's UI: search attributes, and details that read as a sentence. Ids and facts
 * only, never a customer's words, name or address.
 */
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { setCurrentDetails, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { agenda } from '../domain/agenda.ts';
import { clockState, earliestDue } from '../domain/clock.ts';
import { TARGET_NAMES, TARGETS, type Target } from '../domain/sla-policy.ts';
import { referenceOf, type Ticket } from '../domain/ticket.ts';
import { SEARCH_ATTRIBUTES } from './ticket-messages.ts';

/** Shows `ticket` as it is now; only search attributes that changed are written, for each write is an event of history. */
export function display(ticket: Ticket): void {
  setCurrentDetails(sentence(ticket));
  const shown = workflowInfo().typedSearchAttributes;
  const changed = attributes(ticket).filter(({ key, value }) => plain(shown.get(key)) !== plain(value));
  if (changed.length > 0) upsertSearchAttributes(changed);
}

function plain(value: unknown): unknown {
  return value instanceof Date ? value.getTime() : (value ?? null);
}

function attributes(ticket: Ticket): SearchAttributeUpdatePair[] {
  const dueAt = earliestDue(Object.values(ticket.clocks));
  return [
    { key: SEARCH_ATTRIBUTES.status, value: ticket.status },
    { key: SEARCH_ATTRIBUTES.priority, value: ticket.priority },
    { key: SEARCH_ATTRIBUTES.assignee, value: ticket.assigneeId ?? 'none' },
    { key: SEARCH_ATTRIBUTES.customerTier, value: ticket.customerTier ?? 'none' },
    { key: SEARCH_ATTRIBUTES.slaDueAt, value: dueAt === null ? null : new Date(dueAt) },
  ];
}

function sentence(ticket: Ticket): string {
  const about = ticket.triage === null ? 'not triaged yet' : `about ${ticket.triage.category.replace('_', ' ')}`;
  const owner = ticket.assigneeId === null ? 'nobody has taken it' : `agent \`${ticket.assigneeId}\` has it`;
  return [
    `**${referenceOf(ticket)} is ${ticket.status}**, ${ticket.priority} priority, ${about}; ${owner}.`,
    ticket.merged === null ? '' : `It went into T-${ticket.merged.intoNumber}.`,
    ...TARGETS.map((target) => clockSentence(ticket, target)),
    ticket.draft === null ? '' : 'A draft waits for a decision.',
    ticket.effects.length === 0 ? '' : `Under way: ${ticket.effects.map((effect) => effect.kind).join(', ')}.`,
    nextSentence(ticket),
  ]
    .filter((part) => part !== '')
    .join(' ');
}

function clockSentence(ticket: Ticket, target: Target): string {
  const clock = ticket.clocks[target];
  if (clock === null) return '';
  const state = clockState(clock);
  if (state === 'fulfilled') return `The ${TARGET_NAMES[target]} came in time.`;
  if (state === 'paused') return `The clock of the ${TARGET_NAMES[target]} stands still.`;
  const due = clock.dueAt === null ? 'never' : instant(clock.dueAt);
  if (state === 'running')
    return `The ${TARGET_NAMES[target]} is due ${due}${clock.warnedAt === null ? '' : ' and at risk'}.`;
  return `The ${TARGET_NAMES[target]} was due ${due} and ${clock.fulfilledAt === null ? '**is late**' : 'came late'}.`;
}

function nextSentence(ticket: Ticket): string {
  const next = agenda(ticket)[0];
  return next === undefined ? '' : `Next on its agenda: ${next.summary.toLowerCase()}, ${instant(next.at)}.`;
}

function instant(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
