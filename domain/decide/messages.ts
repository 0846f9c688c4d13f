/** A customer's message: opens the ticket or continues it, makes an older draft stale, and asks for a new one. */
import type { ReceiveMessage } from '../commands.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import { armFirstResponse } from '../sla.ts';
import { type Actor, referenceOf, type Ticket } from '../ticket.ts';
import { staleDraft } from './decided-drafts.ts';

/** Takes a customer's message; a closed ticket refuses it, so that the hand-over can begin a follow-up. */
export function receiveMessage(ticket: Ticket, command: ReceiveMessage, at: number): Decision {
  if (ticket.status === 'closed') {
    return refuse('ticket_closed', `${referenceOf(ticket)} is closed; the message begins a follow-up ticket.`);
  }
  const customer: Actor = { kind: 'customer', id: command.customerId };
  const change = open(ticket, command, at, customer);
  if (ticket.version === 0) create(change, command, at);
  change.emit('message.received', {
    messageId: command.messageId,
    textId: command.textId,
    customerId: command.customerId,
    writtenAt: command.writtenAt,
  });
  if (ticket.status === 'pending' || ticket.status === 'resolved') {
    change.emit('ticket.reopened', { from: ticket.status, reasonTextId: null });
    change.ticket.status = 'open';
    change.ticket.resolvedAt = null;
  }
  staleDraft(change, command.messageId, at);
  change.ticket.newestMessageId = command.messageId;
  armClock(change, command, at);
  askForDraft(change, command.messageId);
  return change.outcome();
}

function create(change: Change, command: ReceiveMessage, at: number): void {
  const { ticket } = change;
  ticket.createdAt = at;
  ticket.channel = command.channel;
  ticket.conversationId = command.conversationId;
  ticket.requesterId = command.customerId;
  ticket.customerTier = command.customerTier;
  ticket.policy = command.policy;
  ticket.priority = command.priority ?? ticket.priority;
  ticket.priorityChosen = command.priority !== null;
  ticket.status = 'triaging';
  const id = `triage:${command.messageId}`;
  ticket.effects = [
    ...ticket.effects,
    { kind: 'triage', id, requestId: change.requestId, messageId: command.messageId },
  ];
  change.emit('ticket.created', {
    channel: command.channel,
    priority: ticket.priority,
    followUpOf: command.followUpOf,
  });
}

/** The clock runs from the customer's own words, never from the future; once answered it is not armed again. */
function armClock(change: Change, command: ReceiveMessage, at: number): void {
  const { ticket } = change;
  if (ticket.firstResponse !== null || ticket.policy === null) return;
  ticket.firstResponse = armFirstResponse(ticket.policy, ticket.priority, Math.min(command.writtenAt, at));
}

/** Only the newest message's draft is wanted: one that is still being written for an older message is let go. */
function askForDraft(change: Change, messageId: string): void {
  const others = change.ticket.effects.filter((effect) => effect.kind !== 'draft');
  change.ticket.effects = [
    ...others,
    { kind: 'draft', id: `draft:${messageId}`, requestId: change.requestId, messageId },
  ];
}
