/**
 * A ticket's life: one long-running workflow that takes what waits, one command after the other, asks `decide`, records
 * what was decided, and follows it up.
 *
 * Deterministic: no clock but the workflow's, no entity, no node module. It does not promise that an effect runs once
 * (activities say how they are safe to run twice); it promises that each answer is taken once and that none is forgotten.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { decideAll } from '../domain/decide.ts';
import { isOver } from '../domain/ticket.ts';
import { openDesk } from './desk.ts';
import type { TicketInput } from './ticket-messages.ts';

/** Runs the ticket named by `input` until it is closed. */
export async function ticket(input: TicketInput): Promise<void> {
  const desk = openDesk(input);
  while (!isOver(desk.ticket) || desk.hasWaiting()) {
    const waiting = await desk.nextCommands();
    const commands = waiting.map(({ command }) => command);
    const turn = decideAll(desk.ticket, commands, Date.now());
    if (turn.events.length > 0) {
      const behind = await desk.record(turn);
      if (behind !== null) {
        // A lost workflow task had recorded more than this run knows: take that over, then judge the commands again.
        desk.become(behind);
        desk.putBack(waiting);
        continue;
      }
      desk.become(turn.ticket);
    }
    const refused = desk.answer(waiting, turn.refusals);
    if (refused.length > 0) await Promise.all(refused);
    if (desk.shouldRollOver()) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof ticket>({ ticketId: input.ticketId, number: input.number, carried: desk.ticket });
    }
  }
  await condition(allHandlersFinished);
}
