/** Replies: sending until the vendor has accepted or refused; only an accepted one is sent, and only that stops the clock. */
import type { CompleteSend, FailSend, Reply } from '../commands.ts';
import { type Change, type Decision, open, refuse } from '../outcome.ts';
import { isRunning } from '../sla.ts';
import { type Actor, referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { staleDraft } from './decided-drafts.ts';
import { settle } from './effects.ts';

/** A person's own reply: it goes out at once, and the draft that waited is stale. */
export function reply(ticket: Ticket, command: Reply, at: number): Decision {
  if (ticket.status === 'closed') {
    return refuse('ticket_closed', `${referenceOf(ticket)} is closed, so it takes no reply.`);
  }
  const change = open(ticket, command, at, command.by);
  staleDraft(change, null, at);
  beginSending(change, { messageId: command.messageId, textId: command.textId, draftId: null, by: command.by });
  return change.outcome();
}

/** Asks for a reply to be sent; whoever answers an unassigned ticket has taken it. */
export function beginSending(
  change: Change,
  outgoing: { messageId: string; textId: string; draftId: string | null; by: Actor },
): void {
  const { ticket } = change;
  const { messageId, textId, draftId, by } = outgoing;
  if (ticket.assigneeId === null && by.id !== null) {
    ticket.assigneeId = by.id;
    change.emit('ticket.assigned', { assigneeId: by.id });
  }
  // A draft that is still being written answers words that are answered now.
  ticket.effects = [
    ...ticket.effects.filter((effect) => effect.kind !== 'draft'),
    {
      kind: 'send',
      id: `send:${messageId}`,
      requestId: change.requestId,
      messageId,
      textId,
      answers: ticket.newestMessageId,
    },
  ];
  change.emit('message.sending', { messageId, textId, draftId });
}

/** The vendor accepted the reply: the first-response clock stops, and the ticket waits on the customer. */
export function completeSend(ticket: Ticket, command: CompleteSend, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'send');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  const next = change.ticket;
  change.emit('message.sent', { messageId: asked.effect.messageId, externalId: command.externalId });
  next.firstResponseAt ??= at;
  if (next.firstResponse !== null && next.firstResponse.fulfilledAt === null) {
    const inTime = isRunning(next.firstResponse);
    next.firstResponse = { ...next.firstResponse, fulfilledAt: at };
    if (inTime) change.emit('sla.fulfilled', { target: 'firstResponse', dueAt: next.firstResponse.dueAt });
  }
  const answered = asked.effect.answers === ticket.newestMessageId;
  if (answered && (ticket.status === 'open' || ticket.status === 'triaging')) {
    change.emit('ticket.pending', { from: ticket.status, reasonTextId: null });
    next.status = 'pending';
  }
  return change.outcome();
}

/** The vendor refused the reply: it failed, with the reason, and the ticket is back in a person's hands. */
export function failSend(ticket: Ticket, command: FailSend, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'send');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  change.emit('message.failed', { messageId: asked.effect.messageId, reasonTextId: command.reasonTextId });
  if (ticket.status === 'pending' || ticket.status === 'resolved') {
    change.emit('ticket.reopened', { from: ticket.status, reasonTextId: command.reasonTextId });
    change.ticket.status = 'open';
    change.ticket.resolvedAt = null;
  }
  return change.outcome();
}
