/** Replies that wait for their time, and notes, which go nowhere. */
import type { FallDue } from '../commands.ts';
import type { AddNote, UndoSend } from '../person-commands.ts';
import { type Decision, open, refuse } from '../outcome.ts';
import { isOver, referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { send } from './replies.ts';

/** The reply's moment has come. */
export function sendDue(ticket: Ticket, command: FallDue & { type: 'sendDue' }, at: number): Decision {
  const outgoing = ticket.outbox.find(({ messageId }) => messageId === command.messageId);
  if (outgoing === undefined || at < outgoing.sendAt) {
    return refuse('not_found', `${referenceOf(ticket)} has no such reply to send now.`);
  }
  const change = open(ticket, command, at, SYSTEM);
  change.ticket.outbox = ticket.outbox.filter((one) => one !== outgoing);
  send(change, outgoing, true);
  return change.outcome();
}

/** Takes a reply back that is not on its way yet. */
export function undoSend(ticket: Ticket, command: UndoSend, at: number): Decision {
  const outgoing = ticket.outbox.find(({ messageId }) => messageId === command.messageId);
  if (outgoing === undefined) {
    const detail = `Message ${command.messageId} of ${referenceOf(ticket)} is not waiting to be sent, so it cannot be undone.`;
    return refuse('too_late', detail, { messageId: command.messageId });
  }
  const change = open(ticket, command, at, command.by);
  change.ticket.outbox = ticket.outbox.filter((one) => one !== outgoing);
  change.emit('message.undone', { messageId: command.messageId });
  return change.outcome();
}

/** Keeps a note among the messages, for the desk's own eyes. */
export function addNote(ticket: Ticket, command: AddNote, at: number): Decision {
  if (isOver(ticket)) return refuse('ticket_closed', `${referenceOf(ticket)} is closed, so it takes no note.`);
  const change = open(ticket, command, at, command.by);
  change.emit('note.added', { messageId: command.messageId, textId: command.textId });
  return change.outcome();
}
