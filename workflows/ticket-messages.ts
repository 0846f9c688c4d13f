/**
 * The names by which the outside speaks with a ticket's workflow: its id, queue, signals, updates, search attributes and
 * how it is started. Defined once and used by both sides.
 *
 * A signal where nobody waits for a verdict (a customer's message), an update where a person does.
 */
import { defineSearchAttributeKey, SearchAttributeType, type SearchAttributePair } from '@temporalio/common';
import { defineSignal, defineUpdate } from '@temporalio/workflow';
import { arm, earliestDue } from '../domain/clock.ts';
import type { Absorb, ApplySettings, ReceiveMessage } from '../domain/commands.ts';
import type { PersonCommand } from '../domain/person-commands.ts';
import { TARGETS } from '../domain/sla-policy.ts';
import type { Status } from '../domain/status.ts';
import { referenceOf, type Ticket } from '../domain/ticket.ts';

export const TICKET_WORKFLOW = 'ticket';

export interface TicketInput {
  ticketId: string;
  number: number;
  /** The state carried over by continue-as-new; absent at the first start. */
  carried?: Ticket;
}

/** What an accepted update answers: the ticket as it is now committed. */
export interface Accepted {
  version: number;
  status: Status;
}

export const customerMessage = defineSignal<[ReceiveMessage]>('customerMessage');
/** The ticket's row is recorded at this version, in case its workflow was never told. */
export const catchUp = defineSignal<[number]>('catchUp');
/** The settings have changed, and these hold for the ticket now. */
export const applySettings = defineSignal<[ApplySettings]>('applySettings');
/** Another ticket went into this one, or was taken back. */
export const absorb = defineSignal<[Absorb]>('absorb');
export const openTicket = defineUpdate<Accepted, [ReceiveMessage]>('openTicket');

/** The update that carries a person's command; each has the command's own name, so that history reads as the story. */
export function updateOf(name: PersonCommand['type']) {
  return defineUpdate<Accepted, [PersonCommand]>(name);
}

/** The task queues by what runs on them; each has its own workers, so that a slow one holds up no other. */
export const QUEUES = ['tickets', 'ai', 'slack', 'integrations', 'maintenance'] as const;
export type Queue = (typeof QUEUES)[number];

/** The full name of a task queue; the prefix keeps desks on one Temporal apart. */
export function queueName(prefix: string, queue: Queue): string {
  return `${prefix}-${queue}`;
}

/** The workflow id of a ticket. */
export function ticketWorkflowId(ticketId: string): string {
  return `ticket-${ticketId}`;
}

export const SEARCH_ATTRIBUTES = {
  status: defineSearchAttributeKey('TicketStatus', SearchAttributeType.KEYWORD),
  priority: defineSearchAttributeKey('TicketPriority', SearchAttributeType.KEYWORD),
  assignee: defineSearchAttributeKey('TicketAssignee', SearchAttributeType.KEYWORD),
  customerTier: defineSearchAttributeKey('CustomerTier', SearchAttributeType.KEYWORD),
  slaDueAt: defineSearchAttributeKey('SlaDueAt', SearchAttributeType.DATETIME),
};

/** The options that start a ticket's workflow for its first message, for `signalWithStart` and update-with-start alike. */
export function ticketStart(input: TicketInput, message: ReceiveMessage, prefix: string) {
  const priority = message.priority ?? 'normal';
  const dueAt = earliestDue(TARGETS.map((target) => arm(message.policy, target, priority, message.writtenAt)));
  // As the ticket will stand after this message, so that the first workflow task need not write them again.
  const opening: SearchAttributePair[] = [
    { key: SEARCH_ATTRIBUTES.status, value: 'triaging' },
    { key: SEARCH_ATTRIBUTES.priority, value: priority },
    ...(dueAt !== null ? [{ key: SEARCH_ATTRIBUTES.slaDueAt, value: new Date(dueAt) }] : []),
    { key: SEARCH_ATTRIBUTES.assignee, value: 'none' },
    { key: SEARCH_ATTRIBUTES.customerTier, value: message.customerTier ?? 'none' },
  ];
  return {
    workflowId: ticketWorkflowId(input.ticketId),
    taskQueue: queueName(prefix, 'tickets'),
    args: [{ ticketId: input.ticketId, number: input.number }] satisfies [TicketInput],
    // A closed ticket is never started anew: a late message begins a follow-up instead.
    workflowIdReusePolicy: 'REJECT_DUPLICATE' as const,
    workflowIdConflictPolicy: 'USE_EXISTING' as const,
    staticSummary: `${referenceOf(input)} from ${message.channel}`,
    typedSearchAttributes: opening,
  };
}
