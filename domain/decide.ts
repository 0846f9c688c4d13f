/**
 * `decide`, the one place where a ticket's change is judged.
 *
 * Pure and exhaustive: time and ids are arguments, nothing here reads a clock or a network, and a command that is not
 * handled does not compile.
 */
import type { Command } from './commands.ts';
import { assign, transfer, unassign } from './decide/assignments.ts';
import { breachOf, warnOfBreach } from './decide/clock.ts';
import { decideDraft, proposeDraft, requestDraft } from './decide/drafts.ts';
import { completeEffect } from './decide/effects.ts';
import { acknowledge, climb, completePage, postpone } from './decide/ladder.ts';
import { absorb, link, merge, settleMerge, split, unmerge } from './decide/merges.ts';
import { receiveMessage } from './decide/messages.ts';
import { addNote, sendDue, undoSend } from './decide/outbox.ts';
import { completeSend, failSend, reply } from './decide/replies.ts';
import { applySettings, changeTicket } from './decide/settings.ts';
import { snooze, unsnooze, wake } from './decide/snoozes.ts';
import { autoClose, setStatus } from './decide/status.ts';
import { completeTriage } from './decide/triage.ts';
import type { TicketEvent } from './events.ts';
import { type Decision, isRefusal, refuse, type Refusal } from './outcome.ts';
import { referenceOf, type Ticket } from './ticket.ts';

/**
 * Judges `command` for `ticket` at the instant `at` (milliseconds since 1970): the changed ticket with its events, or a
 * refusal that changes nothing. A command that was taken before yields the same ticket and no event. `noRoom`: whoever, or
 * whatever ticket, it would go to cannot take it; known only when the change could not be recorded for that.
 */
export function decide(ticket: Ticket, command: Command, at: number, noRoom = false): Decision {
  if (ticket.applied.includes(command.id)) return { ticket, events: [] };
  if (ticket.version === 0 && command.type !== 'receiveMessage') {
    return refuse('not_found', `${referenceOf(ticket)} has no message yet, so nothing can be done with it.`);
  }
  switch (command.type) {
    case 'receiveMessage':
      return receiveMessage(ticket, command, at, noRoom);
    case 'completeTriage':
      return completeTriage(ticket, command, at);
    case 'proposeDraft':
      return proposeDraft(ticket, command, at);
    case 'decideDraft':
      return decideDraft(ticket, command, at, noRoom);
    case 'requestDraft':
      return requestDraft(ticket, command, at);
    case 'reply':
      return reply(ticket, command, at, noRoom);
    case 'undoSend':
      return undoSend(ticket, command, at);
    case 'sendDue':
      return sendDue(ticket, command, at);
    case 'completeSend':
      return completeSend(ticket, command, at);
    case 'failSend':
      return failSend(ticket, command, at, noRoom);
    case 'addNote':
      return addNote(ticket, command, at);
    case 'setStatus':
      return setStatus(ticket, command, at, noRoom);
    case 'autoClose':
      return autoClose(ticket, command, at);
    case 'change':
      return changeTicket(ticket, command, at);
    case 'applySettings':
      return applySettings(ticket, command, at);
    case 'snooze':
      return snooze(ticket, command, at);
    case 'unsnooze':
      return unsnooze(ticket, command, at);
    case 'wake':
      return wake(ticket, command, at);
    case 'assign':
      return assign(ticket, command, at, noRoom);
    case 'unassign':
      return unassign(ticket, command, at);
    case 'transfer':
      return transfer(ticket, command, at, noRoom);
    case 'merge':
      return merge(ticket, command, at, noRoom);
    case 'unmerge':
      return unmerge(ticket, command, at, noRoom);
    case 'settleMerge':
      return settleMerge(ticket, command, at);
    case 'absorb':
      return absorb(ticket, command, at);
    case 'split':
      return split(ticket, command, at);
    case 'link':
    case 'unlink':
      return link(ticket, command, at);
    case 'acknowledge':
      return acknowledge(ticket, command, at);
    case 'postpone':
      return postpone(ticket, command, at);
    case 'climb':
      return climb(ticket, command, at);
    case 'completePage':
      return completePage(ticket, command, at);
    case 'completeEffect':
      return completeEffect(ticket, command, at);
    case 'warn':
      return warnOfBreach(ticket, command, at);
    case 'breach':
      return breachOf(ticket, command, at);
  }
}

/** What a line of commands comes to: the ticket after all that were taken, and what each command's sender is told. */
export interface Turn {
  ticket: Ticket;
  /** Empty when nothing changed. */
  events: TicketEvent[];
  /** One for each command, in order; null for one that was taken. */
  refusals: (Refusal | null)[];
}

/** Judges `commands` one after the other, each by what the ones before it left, so that they can be recorded together. */
export function decideAll(ticket: Ticket, commands: readonly Command[], at: number, noRoom = false): Turn {
  const turn: Turn = { ticket, events: [], refusals: [] };
  for (const command of commands) {
    const decision = decide(turn.ticket, command, at, noRoom);
    if (isRefusal(decision)) {
      turn.refusals.push(decision);
      continue;
    }
    turn.ticket = decision.ticket;
    turn.events.push(...decision.events);
    turn.refusals.push(null);
  }
  return turn;
}
