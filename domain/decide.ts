/**
 * `decide`, the one place where a ticket's change is judged.
 *
 * Pure and exhaustive: time and ids are arguments, nothing here reads a clock or a network, and a command that is not
 * handled does not compile.
 */
import type { Command } from './commands.ts';
import { breachFirstResponse, completePage, warnFirstResponse } from './decide/clock.ts';
import { decideDraft, proposeDraft } from './decide/drafts.ts';
import { receiveMessage } from './decide/messages.ts';
import { completeSend, failSend, reply } from './decide/replies.ts';
import { setStatus } from './decide/status.ts';
import { completeTriage } from './decide/triage.ts';
import type { TicketEvent } from './events.ts';
import { type Decision, isRefusal, refuse, type Refusal } from './outcome.ts';
import { referenceOf, type Ticket } from './ticket.ts';

/**
 * Judges `command` for `ticket` at the instant `at` (milliseconds since 1970): the changed ticket with its events, or a
 * refusal that changes nothing. A command that was taken before yields the same ticket and no event.
 */
export function decide(ticket: Ticket, command: Command, at: number): Decision {
  if (ticket.applied.includes(command.id)) return { ticket, events: [] };
  if (ticket.version === 0 && command.type !== 'receiveMessage') {
    return refuse('not_found', `${referenceOf(ticket)} has no message yet, so nothing can be done with it.`);
  }
  switch (command.type) {
    case 'receiveMessage':
      return receiveMessage(ticket, command, at);
    case 'completeTriage':
      return completeTriage(ticket, command, at);
    case 'proposeDraft':
      return proposeDraft(ticket, command, at);
    case 'decideDraft':
      return decideDraft(ticket, command, at);
    case 'reply':
      return reply(ticket, command, at);
    case 'completeSend':
      return completeSend(ticket, command, at);
    case 'failSend':
      return failSend(ticket, command, at);
    case 'setStatus':
      return setStatus(ticket, command, at);
    case 'completePage':
      return completePage(ticket, command, at);
    case 'warnFirstResponse':
      return warnFirstResponse(ticket, command, at);
    case 'breachFirstResponse':
      return breachFirstResponse(ticket, command, at);
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
export function decideAll(ticket: Ticket, commands: readonly Command[], at: number): Turn {
  const turn: Turn = { ticket, events: [], refusals: [] };
  for (const command of commands) {
    const decision = decide(turn.ticket, command, at);
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
