/**
 * Effects: the work that a ticket asks for beside its loop. An effect stays in the ticket until its answer has come back
 * as a command, so a restart, a roll-over or a lost workflow task can always tell what is still owed.
 */
import type { Pagee, Target } from './sla-policy.ts';
import type { Actor } from './ticket.ts';

export type Effect = {
  id: string;
  /** The request that led to it, or the command, where no request did. */
  requestId: string;
} & (
  | { kind: 'triage'; messageId: string }
  /** `draftId`: the id that the draft will have, where a person asked for it. */
  | { kind: 'draft'; messageId: string; draftId?: string }
  | { kind: 'send'; messageId: string; textId: string; answers: string | null; acknowledgement: boolean }
  | { kind: 'page'; target: Target; dueAt: number; step: number; page: readonly Pagee[] }
  /** The settings that hold for the ticket are to be looked up: what decides them has changed. */
  | { kind: 'settings' }
  /** Another ticket is to be told that this one went into it, or was taken back. */
  | { kind: 'tell'; ticketId: string; fromNumber: number; released: boolean; by: Actor }
);

/** The id under which the answer to an effect comes back; one per effect, so an answer is taken once. */
export function answerId(effect: Pick<Effect, 'id'>): string {
  return `answer:${effect.id}`;
}
