/**
 * The shell around a ticket: its handlers and the line of commands, the agenda's timer, its effects, and what Temporal's
 * UI shows of it. It holds state for one run; what must outlive the run is in the ticket.
 */
import { ApplicationFailure, condition, proxyLocalActivities, setHandler, workflowInfo } from '@temporalio/workflow';
import type { Recorded, TicketActivities } from '../activities/tickets.ts';
import type { Command, ReceiveMessage } from '../domain/commands.ts';
import { PERSON_COMMANDS } from '../domain/person-commands.ts';
import { decide, type Turn } from '../domain/decide.ts';
import { isRefusal, type Refusal } from '../domain/outcome.ts';
import { blankTicket, isOver, seatOf, type Ticket } from '../domain/ticket.ts';
import { createAgendaTimer } from './agenda-timer.ts';
import { createCard } from './card.ts';
import { createEffects } from './effects.ts';
import {
  absorb,
  type Accepted,
  applySettings,
  catchUp,
  customerMessage,
  openTicket,
  updateOf,
} from './ticket-messages.ts';
import type { TicketInput } from './ticket-messages.ts';
import { createDisplay } from './visibility.ts';

/** Short idempotent database work; it stays inside the workflow task and costs no round trip to the server. */
const DATABASE = {
  startToCloseTimeout: '10s',
  retry: { initialInterval: '100ms', maximumInterval: '5s' },
} as const;
const { recall, handBack } = proxyLocalActivities<TicketActivities>(DATABASE);

/** How many commands are recorded together at most; a record stays small. */
const AT_ONCE = 20;

/** In characters; Temporal takes 400 bytes. */
const LONGEST_SUMMARY = 390;

export interface Waiting {
  command: Command;
  /** Whether somebody waits for the answer. */
  awaited: boolean;
  accept(): void;
  refuse(refusal: Refusal): Promise<void>;
}

export interface Desk {
  readonly ticket: Ticket;
  /** Whether commands wait, or Slack is still to show what became of the ticket: what a run that ends has asked for is lost. */
  isBusy(): boolean;
  /**
   * The commands that are next: all that were submitted, or the agenda's earliest moment falling due. None when instead the
   * ticket has caught up with its row, or is over and shown as that.
   */
  nextCommands(): Promise<Waiting[]>;
  /** Takes the recorded ticket over, and puts back what is to be judged by it. */
  startOver(waiting: readonly Waiting[], recorded: Ticket): void;
  /** Commits row and events, or nothing where the row is ahead of this run or somebody has no room. */
  record(turn: Turn): Promise<Recorded>;
  /** Tells each command's sender what became of it; answers what is still to be done about the refused ones. */
  answer(waiting: readonly Waiting[], refusals: readonly (Refusal | null)[]): Promise<void>[];
  /**
   * Takes `ticket` as the present state: starts what it asks for, lets go of what it does not, sets timer and display;
   * `awaited` says whether somebody waits for that.
   */
  become(ticket: Ticket, awaited: boolean): void;
  /** Leaves nothing behind that this run still owes. */
  settle(): void;
  shouldRollOver(): boolean;
}

/** Opens the desk for one run: handlers first, before any await, so that no message finds the door shut. */
export function openDesk(input: TicketInput): Desk {
  let ticket = input.carried ?? blankTicket(input.ticketId, input.number);
  const line: Waiting[] = [];
  let recordedVersion = 0;
  const timer = createAgendaTimer();
  const effects = createEffects(ticket.id, (command) => line.push(quiet(command)));
  const card = createCard(ticket.id);
  const display = createDisplay();

  setHandler(customerMessage, (message) => {
    line.push({
      command: message,
      awaited: false,
      accept: nothing,
      refuse: async () => {
        const { inboxId } = message;
        if (inboxId !== null) await handBack({ inboxId });
      },
    });
  });
  setHandler(catchUp, (version) => {
    recordedVersion = Math.max(recordedVersion, version);
  });
  setHandler(applySettings, (command) => void line.push(quiet(command)));
  setHandler(absorb, (command) => void line.push(quiet(command)));
  setHandler(openTicket, (message: ReceiveMessage) => submit(message), { validator });
  for (const name of PERSON_COMMANDS) setHandler(updateOf(name), (command) => submit(command), { validator });

  const isAhead = () => recordedVersion > ticket.version;
  const isShown = () => isOver(ticket) && card.idle();

  if (input.carried !== undefined) become(ticket, false);

  return {
    get ticket() {
      return ticket;
    },
    isBusy: () => line.length > 0 || !card.idle(),
    async nextCommands() {
      await condition(() => line.length > 0 || timer.due() !== undefined || isAhead() || isShown());
      if (isAhead()) {
        become(await recall({ ticketId: ticket.id }), false);
        return [];
      }
      // What fell due comes first, so that nothing that happens after it can put it off; only a reply that a vendor has
      // accepted meanwhile may yet have met the deadline.
      const due = timer.due();
      const answered = line.some(({ command }) => command.type === 'completeSend');
      return due !== undefined && !answered ? [quiet(due)] : line.splice(0, AT_ONCE);
    },
    startOver: (waiting, recorded) => {
      become(recorded, false);
      line.unshift(...waiting);
    },
    async record(turn) {
      const summary = turn.events
        .map(({ type }) => type)
        .join(', ')
        .slice(0, LONGEST_SUMMARY);
      const { record } = proxyLocalActivities<TicketActivities>({ ...DATABASE, summary });
      const seats = { from: seatOf(ticket), to: seatOf(turn.ticket) };
      const recorded = await record({ before: ticket.version, ticket: turn.ticket, events: turn.events, seats });
      if (recorded.taken) card.follow(recorded.slack ? turn.ticket.version : null);
      return recorded;
    },
    answer(waiting, refusals) {
      const refused: Promise<void>[] = [];
      for (const [index, one] of waiting.entries()) {
        const refusal = refusals[index] ?? null;
        if (refusal === null) one.accept();
        else refused.push(one.refuse(refusal));
      }
      return refused;
    },
    become,
    settle: () => display.settle(),
    shouldRollOver: () => workflowInfo().continueAsNewSuggested && line.length === 0 && effects.idle() && card.idle(),
  };

  function become(next: Ticket, awaited: boolean): void {
    ticket = next;
    effects.follow(ticket);
    timer.follow(ticket);
    display.show(ticket, awaited);
  }

  /** Refuses before anything is written to history: a refused command leaves no trace. */
  function validator(command: Command): void {
    const decision = decide(ticket, command, Date.now());
    if (isRefusal(decision)) throw failureOf(decision);
  }

  function submit(command: Command): Promise<Accepted> {
    return new Promise((resolve, reject) => {
      line.push({
        command,
        awaited: true,
        accept: () => resolve({ version: ticket.version, status: ticket.status }),
        refuse: (refusal) => Promise.resolve(reject(failureOf(refusal))),
      });
    });
  }
}

/** A command that nobody waits for: a refused one came too late, and that is all. */
function quiet(command: Command): Waiting {
  return { command, awaited: false, accept: nothing, refuse: () => Promise.resolve() };
}

function failureOf(refusal: Refusal): ApplicationFailure {
  return ApplicationFailure.nonRetryable(refusal.detail, refusal.refused, refusal.facts);
}

function nothing(): void {}
