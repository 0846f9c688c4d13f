/**
 * What a person, a bot or an integration may ask of a ticket; each is an update of its workflow, named like the command.
 */
import type { Status } from './status.ts';
import type { Actor, DraftDecision, Priority, Severity, TypeFacts } from './ticket.ts';

/** What a person, or a bot, asks for. */
interface Asked {
  id: string;
  /** The request that brought it; it leads through the logs to the vendor's call. */
  requestId: string;
  by: Actor;
}

export interface DecideDraft extends Asked {
  type: 'decideDraft';
  draftId: string;
  decision: DraftDecision;
  /** The reply that is made of it, unless it is discarded. */
  messageId: string;
  /** The edited text; null when the draft goes as proposed, or not at all. */
  textId: string | null;
  /** When it goes out; null for at once. */
  sendAt: number | null;
}

/** Another draft for what the customer wrote last. */
export interface RequestDraft extends Asked {
  type: 'requestDraft';
  /** The id that it will have. */
  draftId: string;
}

export interface Reply extends Asked {
  type: 'reply';
  messageId: string;
  textId: string;
  /** When it goes out; null for at once. */
  sendAt: number | null;
  acknowledgement: boolean;
}

export interface UndoSend extends Asked {
  type: 'undoSend';
  messageId: string;
}

export interface AddNote extends Asked {
  type: 'addNote';
  messageId: string;
  textId: string;
}

export interface SetStatus extends Asked {
  type: 'setStatus';
  status: Status;
  reasonTextId: string | null;
}

/** Changes what is given and leaves the rest; texts and fields are named by the text that holds them. */
export interface ChangeTicket extends Asked {
  type: 'change';
  priority?: Priority;
  severity?: Severity;
  tags?: string[];
  supportType?: TypeFacts;
  teamId?: string | null;
  subjectTextId?: string;
  fieldsTextId?: string;
}

export interface Snooze extends Asked {
  type: 'snooze';
  /** Null: until the next message. */
  until: number | null;
}

export interface Unsnooze extends Asked {
  type: 'unsnooze';
}

export interface Assign extends Asked {
  type: 'assign';
  agentId: string;
  /** A hand-out never takes a ticket from somebody who has it. */
  handOut: boolean;
  /** A whole sentence for the timeline. */
  why: string;
}

export interface Unassign extends Asked {
  type: 'unassign';
  why: string;
  /** Only from this agent; null from whoever has it. */
  agentId: string | null;
}

/** To an agent, or to a team whose members are then asked. */
export interface Transfer extends Asked {
  type: 'transfer';
  agentId: string | null;
  teamId: string | null;
  note: { messageId: string; textId: string } | null;
}

export interface Merge extends Asked {
  type: 'merge';
  into: string;
  intoNumber: number;
}

export interface Unmerge extends Asked {
  type: 'unmerge';
}

export interface Split extends Asked {
  type: 'split';
  into: string;
  messageIds: string[];
}

export const LINKS = ['related', 'duplicate', 'blocks', 'blockedBy'] as const;
export type Link = (typeof LINKS)[number];

export interface LinkTicket extends Asked {
  type: 'link' | 'unlink';
  otherId: string;
  kind: Link;
}

export interface Acknowledge extends Asked {
  type: 'acknowledge';
}

export interface Postpone extends Asked {
  type: 'postpone';
  minutes: number;
}

export type PersonCommand =
  | DecideDraft
  | RequestDraft
  | Reply
  | UndoSend
  | AddNote
  | SetStatus
  | ChangeTicket
  | Snooze
  | Unsnooze
  | Assign
  | Unassign
  | Transfer
  | Merge
  | Unmerge
  | Split
  | LinkTicket
  | Acknowledge
  | Postpone;

/** The names under which a person's commands are sent; each is an update of the ticket's workflow. */
export const PERSON_COMMANDS = [
  'decideDraft',
  'requestDraft',
  'reply',
  'undoSend',
  'addNote',
  'setStatus',
  'change',
  'snooze',
  'unsnooze',
  'assign',
  'unassign',
  'transfer',
  'merge',
  'unmerge',
  'split',
  'link',
  'unlink',
  'acknowledge',
  'postpone',
] as const satisfies readonly PersonCommand['type'][];
