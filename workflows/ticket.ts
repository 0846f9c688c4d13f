/**
 * A ticket's life: one long-running workflow that takes one command at a time, asks `decide`, records what was decided,
 * and follows it up.
 *
 * Deterministic: no clock but the workflow's, no entity, no node module. It does not promise that an effect runs once
 * (activities say how they are safe to run twice); it promises that each answer is taken once and that none is forgotten.
 */
import { allHandlersFinished, condition, continueAsNew } from '@temporalio/workflow';
import { decide } from '../domain/decide.ts';
import { isRefusal } from '../domain/outcome.ts';
import { isOver } from '../domain/ticket.ts';
import { openDesk } from './desk.ts';
import type { TicketInput } from './ticket-messages.ts';

/** Runs the ticket named by `input` until it is closed. */
export async function ticket(input: TicketInput): Promise<void> {
  const desk = openDesk(input);
  while (!isOver(desk.ticket) || desk.hasWaiting()) {
    const next = await desk.nextCommand();
    if (next === null) continue;
    const decision = decide(desk.ticket, next.command, Date.now());
    if (isRefusal(decision)) {
      await next.refuse(decision);
      continue;
    }
    if (decision.events.length > 0) {
      const behind = await desk.record(decision);
      if (behind !== null) {
        // A lost workflow task had recorded more than this run knows: take that over, then judge the command again.
        desk.become(behind);
        desk.putBack(next);
        continue;
      }
      desk.become(decision.ticket);
    }
    next.accept();
    if (desk.shouldRollOver()) {
      await condition(allHandlersFinished);
      await continueAsNew<typeof ticket>({ ticketId: input.ticketId, number: input.number, carried: desk.ticket });
    }
  }
  await condition(allHandlersFinished);
}
