/**
 * What may be asked of a ticket. `id` names the command: the same id is taken once. Commands hold ids and small facts only.
 */
import type { PersonCommand } from './person-commands.ts';
import type { PolicyFacts, SlaPolicy, Target } from './sla-policy.ts';
import type { Actor, Channel, Engine, Priority, Triage, TypeFacts } from './ticket.ts';

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
  supportType: TypeFacts | null;
  tags: string[];
  /** The text that holds the custom fields. */
  fieldsTextId: string | null;
  policy: SlaPolicy;
  /** The closed ticket that this one continues, or the one that it was split from. */
  followUpOf: string | null;
  splitFrom: string | null;
  /** The ledger's row, to which the message goes back when the ticket is closed; null for one that came another way. */
  inboxId: string | null;
}

/** Another ticket says that it went into this one, or that it was taken back. */
export interface Absorb {
  type: 'absorb';
  id: string;
  from: string;
  fromNumber: number;
  released: boolean;
  by: Actor;
}

/** The settings that hold for the ticket now. */
export interface ApplySettings {
  type: 'applySettings';
  id: string;
  /** The effect that asked for it; null when the settings themselves changed. */
  effectId: string | null;
  policy: SlaPolicy;
  /** What the policy was chosen for. */
  facts: PolicyFacts;
  supportType: TypeFacts | null;
}

export interface CompleteTriage {
  type: 'completeTriage';
  id: string;
  effectId: string;
  triage: Triage;
  /** What the triage leads to where nobody chose otherwise. */
  supportType: TypeFacts | null;
  policy: SlaPolicy;
  /** What the policy was chosen for. */
  facts: PolicyFacts;
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
  /** Who was told and where, such as `slack` or `agent:…`; empty when nobody could be paged. */
  to: string[];
}

/** Another workflow, or an activity without an answer, has taken what it was asked. */
export interface CompleteEffect {
  type: 'completeEffect';
  id: string;
  effectId: string;
}

/** A moment of the agenda has come. */
export type FallDue = { id: string } & (
  | { type: 'warn'; target: Target }
  | { type: 'breach'; target: Target }
  | { type: 'climb' }
  | { type: 'wake' }
  | { type: 'sendDue'; messageId: string }
  | { type: 'autoClose' }
  | { type: 'settleMerge' }
);

const MOMENTS = [
  'warn',
  'breach',
  'climb',
  'wake',
  'sendDue',
  'autoClose',
  'settleMerge',
] as const satisfies readonly FallDue['type'][];

/** Whether a command is a moment of the agenda. What the ticket has ahead says whether it has come, not whether it came before. */
export function isMoment(command: Command): command is FallDue {
  return MOMENTS.some((type) => type === command.type);
}

export type Command =
  | ReceiveMessage
  | PersonCommand
  | Absorb
  | ApplySettings
  | CompleteTriage
  | ProposeDraft
  | CompleteSend
  | FailSend
  | CompletePage
  | CompleteEffect
  | FallDue;
