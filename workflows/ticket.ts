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
import { type Desk, openDesk, type Waiting } from './desk.ts';
import type { TicketInput } from './ticket-messages.ts';

/** Runs the ticket named by `input` until it is closed, and shown as that. */
export async function ticket(input: TicketInput): Promise<void> {
  const desk = openDesk(input);
  while (!isOver(desk.ticket) || desk.isBusy()) {
    await take(desk, await desk.nextCommands(), false);
    if (desk.shouldRollOver()) {
      desk.settle();
      await condition(allHandlersFinished);
      await continueAsNew<typeof ticket>({ ticketId: input.ticketId, number: input.number, carried: desk.ticket });
    }
  }
  desk.settle();
  await condition(allHandlersFinished);
}

/** Judges what waits and records it together; `noRoom` once the database has said that somebody has none. */
async function take(desk: Desk, waiting: Waiting[], noRoom: boolean): Promise<void> {
  const commands = waiting.map(({ command }) => command);
  const turn = decideAll(desk.ticket, commands, Date.now(), noRoom);
  if (turn.ticket.version !== desk.ticket.version) {
    const recorded = await desk.record(turn);
    if (!recorded.taken) {
      // A lost workflow task had recorded more than this run knows: take that over, then judge the commands again.
      if (recorded.ahead !== null) return desk.startOver(waiting, recorded.ahead);
      if (noRoom) throw new Error('A change was refused for want of room that takes none.');
      // Which of them asked for what there is no room for shows when each is judged alone.
      for (const one of waiting) await take(desk, [one], waiting.length === 1);
      return;
    }
  }
  desk.become(
    turn.ticket,
    waiting.some(({ awaited }) => awaited),
  );
  const refused = desk.answer(waiting, turn.refusals);
  if (refused.length > 0) await Promise.all(refused);
}
