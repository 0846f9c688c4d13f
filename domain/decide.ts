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
import { type Decision, refuse } from './outcome.ts';
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
