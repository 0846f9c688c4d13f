/** A customer's message: opens the ticket or continues it, makes an older draft stale, and asks for a new one. */
import type { ReceiveMessage } from '../commands.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import { type Actor, referenceOf, type Ticket } from '../ticket.ts';
import { activate, oweResponse } from './clocks.ts';
import { staleDraft } from './decided-drafts.ts';
import { moveTo } from './moves.ts';
import { wakeUp } from './snoozes.ts';

/** Takes a customer's message; a ticket that is closed or went into another refuses it, and the hand-over finds its place. */
export function receiveMessage(ticket: Ticket, command: ReceiveMessage, at: number, noRoom: boolean): Decision {
  if (ticket.merged !== null) {
    const detail = `${referenceOf(ticket)} went into T-${ticket.merged.intoNumber}; the message belongs there.`;
    return refuse('ticket_merged', detail, { into: ticket.merged.into });
  }
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
  // The clock runs from the customer's own words, never from the future.
  const since = Math.min(command.writtenAt, at);
  if (ticket.version === 0) activate(change, ['firstResponse', 'resolution'], since, at);
  wakeUp(change, 'message');
  if (ticket.status === 'pending' || ticket.status === 'on_hold' || ticket.status === 'resolved') {
    moveTo(change, { to: 'open', reasonTextId: null, at, noRoom });
  }
  if (ticket.version > 0) oweResponse(change, since, at);
  staleDraft(change, command.messageId, at);
  change.ticket.newestMessageId = command.messageId;
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
  ticket.supportType = command.supportType;
  ticket.teamId = command.supportType?.teamId ?? null;
  ticket.tags = command.tags;
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
    supportTypeId: command.supportType?.id ?? null,
    followUpOf: command.followUpOf,
    splitFrom: command.splitFrom,
    fieldsTextId: command.fieldsTextId,
  });
}

/**
 * Only the newest message's draft is wanted: one that is still being written for an older message is let go. A type that
 * is a person's business alone gets none.
 */
function askForDraft(change: Change, messageId: string): void {
  const { ticket } = change;
  ticket.effects = ticket.effects.filter((effect) => effect.kind !== 'draft');
  if (ticket.supportType?.autonomy === 'off') return;
  ticket.effects = [
    ...ticket.effects,
    { kind: 'draft', id: `draft:${messageId}`, requestId: change.requestId, messageId },
  ];
}
