/**
 * What a lead sees of a ticket in Temporal's UI: search attributes, and details that read as a sentence. Ids and facts
 * only, never a customer's words, name or address.
 *
 * Nobody waits for the attributes: writing them costs the server a fifth of what a command costs, so where somebody waits
 * for an answer they follow a second later, what came in between at once with them. It does not promise more: lists in
 * Temporal's UI are a second behind the ticket then.
 */
import type { SearchAttributeUpdatePair } from '@temporalio/common';
import { isCancellation, setCurrentDetails, sleep, upsertSearchAttributes, workflowInfo } from '@temporalio/workflow';
import { agenda } from '../domain/agenda.ts';
import { clockState, earliestDue } from '../domain/clock.ts';
import { TARGET_NAMES, TARGETS, type Target } from '../domain/sla-policy.ts';
import { referenceOf, type Ticket } from '../domain/ticket.ts';
import { SEARCH_ATTRIBUTES } from './ticket-messages.ts';

const FOLLOW_AFTER = '1s';

export interface Display {
  /** Shows `ticket` as it is now; when somebody waits for an answer, its search attributes a second later. */
  show(ticket: Ticket, awaited: boolean): void;
  /** Writes the search attributes that are still behind: nobody will after this run. */
  settle(): void;
}

/** A display that shows nothing yet. */
export function createDisplay(): Display {
  let behind: Ticket | null = null;
  let following = false;
  return {
    show(ticket, awaited) {
      setCurrentDetails(sentence(ticket));
      behind = ticket;
      if (!awaited) settle();
      else if (!following && changedBy(ticket).length > 0) follow();
    },
    settle,
  };

  function settle(): void {
    if (behind === null) return;
    const changed = changedBy(behind);
    if (changed.length > 0) upsertSearchAttributes(changed);
    behind = null;
  }

  function follow(): void {
    following = true;
    sleep(FOLLOW_AFTER, { summary: 'Search attributes follow' })
      .then(() => {
        following = false;
        return settle();
      })
      .catch((error: unknown) => {
        if (!isCancellation(error)) throw error;
      });
  }
}

/** Only the search attributes that changed are written, for each write is an event of history. */
function changedBy(ticket: Ticket): SearchAttributeUpdatePair[] {
  const shown = workflowInfo().typedSearchAttributes;
  return attributes(ticket).filter(({ key, value }) => plain(shown.get(key)) !== plain(value));
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
