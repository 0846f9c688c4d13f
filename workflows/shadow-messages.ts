/**
 * The names of a shadow: its id, how it is started, what it takes and what it answers. Defined once, for the workflow and
 * for the client that asks it.
 */
import type { Effect } from '../domain/effects.ts';
import type { TicketEvent } from '../domain/events.ts';
import { referenceOf, type Ticket } from '../domain/ticket.ts';
import { queueName } from './ticket-messages.ts';

export const SHADOW_WORKFLOW = 'shadowTicket';

export interface ShadowInput {
  /** As it is recorded. */
  ticket: Ticket;
  /** The shadow begins here; milliseconds since 1970. */
  from: number;
  /** It ends here. */
  until: number;
}

/** What a shadow would have asked of a vendor and did not. */
interface Muted {
  type: 'shadow.muted';
  at: number;
  effect: Effect['kind'];
  /** A whole sentence. */
  note: string;
}

export interface ShadowResult {
  /** The ticket as it would be in the end. */
  ticket: Ticket;
  /** What it met, in order. */
  moments: (TicketEvent | Muted)[];
}

/**
 * The options that start the shadow `askId` beside the tickets. It has none of their search attributes, so that no list of tickets
 * in Temporal holds it.
 */
export function shadowStart(input: ShadowInput, askId: string, prefix: string) {
  const { ticket, from, until } = input;
  const hours = Math.round((until - from) / 3_600_000);
  return {
    workflowId: `shadow-${ticket.id}-${askId}`,
    taskQueue: queueName(prefix, 'tickets'),
    args: [input] satisfies [ShadowInput],
    staticSummary: `What if: ${referenceOf(ticket)} left alone for ${hours} h`,
  };
}
