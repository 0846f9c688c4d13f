/** Replies to the customer: on their way, accepted by the vendor, or refused by it. */
import type { CompleteSend, FailSend } from '../commands.ts';
import type { Reply } from '../person-commands.ts';
import { type Change, type Decision, open, refuse, type Refusal } from '../outcome.ts';
import { type Actor, type Outgoing, referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { fulfil, oweResponse } from './clocks.ts';
import { staleDraft } from './decided-drafts.ts';
import { settle } from './effects.ts';
import { moveTo } from './moves.ts';

/** A person's own reply: it goes out when its time has come, and the draft that waited is stale. */
export function reply(ticket: Ticket, command: Reply, at: number, noRoom: boolean): Decision {
  const closed = takesNoReply(ticket);
  if (closed !== null) return closed;
  const { messageId, textId, acknowledgement, by } = command;
  const change = open(ticket, command, at, by);
  if (!acknowledgement) staleDraft(change, null, at);
  const sendAt = command.sendAt ?? at;
  beginSending(change, { messageId, textId, draftId: null, acknowledgement, sendAt }, { by, at, noRoom });
  return change.outcome();
}

/** The refusal of a ticket that takes no reply, or null. */
export function takesNoReply(ticket: Ticket): Refusal | null {
  if (ticket.merged !== null) {
    const detail = `${referenceOf(ticket)} went into T-${ticket.merged.intoNumber}; answer there.`;
    return refuse('ticket_merged', detail, { into: ticket.merged.into });
  }
  if (ticket.status !== 'closed') return null;
  return refuse('ticket_closed', `${referenceOf(ticket)} is closed, so it takes no reply.`);
}

/** Asks for a reply to be sent, now or at its time; whoever answers an unassigned ticket has taken it, where there is room. */
export function beginSending(
  change: Change,
  outgoing: Outgoing,
  how: { by: Actor; at: number; noRoom: boolean },
): void {
  const { ticket } = change;
  const { messageId, textId, draftId, sendAt, acknowledgement } = outgoing;
  if (ticket.assigneeId === null && how.by.id !== null && !acknowledgement && !how.noRoom) {
    ticket.assigneeId = how.by.id;
    change.emit('ticket.assigned', { assigneeId: how.by.id, before: null, why: 'Answered it.', handOut: false });
  }
  // A draft that is still being written answers words that are answered now.
  if (!acknowledgement) ticket.effects = ticket.effects.filter((effect) => effect.kind !== 'draft');
  if (sendAt > how.at) {
    ticket.outbox = [...ticket.outbox, outgoing].sort((a, b) => a.sendAt - b.sendAt);
    change.emit('message.scheduled', { messageId, textId, draftId, sendAt });
    return;
  }
  send(change, outgoing, false);
}

/** Sends what is due; `scheduled` when it waited before. */
export function send(change: Change, outgoing: Outgoing, scheduled: boolean): void {
  const { ticket } = change;
  const { messageId, textId, draftId, acknowledgement } = outgoing;
  const answers = ticket.newestMessageId;
  const id = `send:${messageId}`;
  ticket.effects = [
    ...ticket.effects,
    { kind: 'send', id, requestId: change.requestId, messageId, textId, answers, acknowledgement },
  ];
  change.emit('message.sending', { messageId, textId, draftId, scheduled });
}

/** The vendor accepted the reply: the customer is answered, and the ticket waits on them. An acknowledgement answers nobody. */
export function completeSend(ticket: Ticket, command: CompleteSend, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'send');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  const { messageId, answers, acknowledgement } = asked.effect;
  change.emit('message.sent', { messageId, externalId: command.externalId });
  if (acknowledgement) return change.outcome();
  change.ticket.firstResponseAt ??= at;
  fulfil(change, 'firstResponse', at);
  if (answers !== ticket.newestMessageId) {
    // A newer message came while this answer was on its way.
    oweResponse(change, at, at);
    return change.outcome();
  }
  fulfil(change, 'nextResponse', at);
  if (ticket.status === 'open' || ticket.status === 'triaging' || ticket.status === 'escalated') {
    moveTo(change, { to: 'pending', reasonTextId: null, at, noRoom: false });
  }
  return change.outcome();
}

/** The vendor refused the reply: it failed, with the reason, and the ticket is back in a person's hands. */
export function failSend(ticket: Ticket, command: FailSend, at: number, noRoom: boolean): Decision {
  const asked = settle(ticket, command.effectId, 'send');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  change.emit('message.failed', { messageId: asked.effect.messageId, reasonTextId: command.reasonTextId });
  if (ticket.status === 'pending' || ticket.status === 'resolved') {
    moveTo(change, { to: 'open', reasonTextId: command.reasonTextId, at, noRoom });
  }
  return change.outcome();
}
