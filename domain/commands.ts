/**
 * What may be asked of a ticket. `id` names the command: the same id is taken once. Commands hold ids and small facts only.
 */
import type { SlaPolicy } from './sla.ts';
import type { Status } from './status.ts';
import type { Actor, Channel, DraftDecision, Engine, Priority, Triage } from './ticket.ts';

export interface ReceiveMessage {
  type: 'receiveMessage';
  id: string;
  /** The request that brought it; it leads through the logs to the vendor's call. */
  requestId: string;
  messageId: string;
  textId: string;
  customerId: string;
  customerTier: string | null;
  channel: Channel;
  conversationId: string | null;
  /** When the customer wrote it: the clock counts from here, also when the desk was down. */
  writtenAt: number;
  /** The priority that a person chose, or null. */
  priority: Priority | null;
  policy: SlaPolicy;
  /** The closed ticket that this one continues. */
  followUpOf: string | null;
  /** The ledger's row, to which the message goes back when the ticket is closed; null for one that came another way. */
  inboxId: string | null;
}

export interface DecideDraft {
  type: 'decideDraft';
  id: string;
  /** The request that brought it; it leads through the logs to the vendor's call. */
  requestId: string;
  draftId: string;
  decision: DraftDecision;
  /** The reply that is made of it, unless it is discarded. */
  messageId: string;
  /** The edited text; null when the draft goes as proposed, or not at all. */
  textId: string | null;
  by: Actor;
}

export interface Reply {
  type: 'reply';
  id: string;
  /** The request that brought it; it leads through the logs to the vendor's call. */
  requestId: string;
  messageId: string;
  textId: string;
  by: Actor;
}

export interface SetStatus {
  type: 'setStatus';
  id: string;
  /** The request that brought it; it leads through the logs to the vendor's call. */
  requestId: string;
  status: Status;
  reasonTextId: string | null;
  by: Actor;
}

export interface CompleteTriage {
  type: 'completeTriage';
  id: string;
  effectId: string;
  triage: Triage;
}

export interface ProposeDraft {
  type: 'proposeDraft';
  id: string;
  effectId: string;
  draftId: string;
  messageId: string;
  textId: string;
  engine: Engine;
  confidence: number;
}

export interface CompleteSend {
  type: 'completeSend';
  id: string;
  effectId: string;
  /** The vendor's id of the accepted message, where it gives one. */
  externalId: string | null;
}

export interface FailSend {
  type: 'failSend';
  id: string;
  effectId: string;
  reasonTextId: string | null;
}

export interface CompletePage {
  type: 'completePage';
  id: string;
  effectId: string;
  /** Where it was shown, such as `slack`; null when nobody could be paged. */
  to: string | null;
}

export interface FallDue {
  type: 'warnFirstResponse' | 'breachFirstResponse';
  id: string;
}

export type Command =
  | ReceiveMessage
  | DecideDraft
  | Reply
  | SetStatus
  | CompleteTriage
  | ProposeDraft
  | CompleteSend
  | FailSend
  | CompletePage
  | FallDue;
