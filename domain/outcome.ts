/**
 * What `decide` answers: an outcome (the changed ticket and its events), or a refusal that changes nothing.
 */
import { type Command, isMoment } from './commands.ts';
import type { ErrorCode } from './errors.ts';
import type { EventData, EventType, TicketEvent } from './events.ts';
import type { Actor, Ticket } from './ticket.ts';

/**
 * How many command ids a ticket remembers; a retry comes within far fewer. They are part of the row and of each record, so
 * that many more would cost more than everything else in them. A customer's message is also known by its row.
 */
const REMEMBERED = 32;

export interface Outcome {
  ticket: Ticket;
  /** Empty when the command had been taken before. */
  events: TicketEvent[];
}

export interface Refusal {
  refused: ErrorCode;
  /** A whole sentence for the person who asked. */
  detail: string;
  facts: Record<string, string | string[] | null>;
}

export type Decision = Outcome | Refusal;

/** Whether a decision is a refusal. */
export function isRefusal(decision: Decision): decision is Refusal {
  return 'refused' in decision;
}

/** A refusal with its code of the errors' table, one whole sentence, and the facts that help the caller on. */
export function refuse(refused: ErrorCode, detail: string, facts: Refusal['facts'] = {}): Refusal {
  return { refused, detail, facts };
}

/** A change in the making: a working copy of the ticket, and the events that tell what was done to it. */
export interface Change {
  readonly ticket: Ticket;
  /** The request behind the command, or the command itself. */
  readonly requestId: string;
  emit<T extends EventType>(type: T, data: EventData[T], actor?: Actor): void;
  /** The change as one new version. */
  outcome(): Outcome;
}

/**
 * Opens a change of `ticket` by `command` at the instant `at`, made by `actor`. The given ticket is left as it is.
 *
 * @example const change = open(ticket, command, at, SYSTEM); change.ticket.status = 'open'; return change.outcome();
 */
export function open(ticket: Ticket, command: Command, at: number, actor: Actor): Change {
  const applied = isMoment(command) ? ticket.applied : [...ticket.applied, command.id].slice(-REMEMBERED);
  const next: Ticket = { ...ticket, applied };
  const events: TicketEvent[] = [];
  return {
    ticket: next,
    requestId: 'requestId' in command ? command.requestId : command.id,
    emit(type, data, by = actor) {
      next.sequence += 1;
      events.push(event(next.sequence, type, at, by, command.id, data));
    },
    outcome() {
      return { ticket: { ...next, version: ticket.version + 1, updatedAt: at }, events };
    },
  };
}

function event<T extends EventType>(
  sequence: number,
  type: T,
  at: number,
  actor: Actor,
  causedBy: string,
  data: EventData[T],
) {
  // One member of the union for each type: TypeScript cannot follow a generic key into a mapped union by itself.
  // oxlint-disable-next-line typescript/no-unsafe-type-assertion
  return { sequence, type, at, actor, causedBy, data } as Extract<TicketEvent, { type: T }>;
}
