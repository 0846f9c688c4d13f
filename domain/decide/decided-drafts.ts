/** The waiting draft leaves the ticket: decided by a person, or made stale by the conversation going on. */
import type { Change } from '../outcome.ts';
import { type DecidedDraft, SYSTEM } from '../ticket.ts';

/** How many decided drafts a ticket remembers, to tell a late decider who was first. */
const REMEMBERED = 20;

/** Takes the waiting draft off the ticket and remembers what became of it. */
export function takeDraft(change: Change, decided: DecidedDraft): void {
  change.ticket.draft = null;
  change.ticket.decidedDrafts = [...change.ticket.decidedDrafts, decided].slice(-REMEMBERED);
}

/** Marks the waiting draft stale, when there is one: a newer message came, or a person answered or ended the ticket. */
export function staleDraft(change: Change, newerMessageId: string | null, at: number): void {
  const { draft } = change.ticket;
  if (draft === null) return;
  takeDraft(change, { id: draft.id, decision: 'stale', by: SYSTEM, at });
  change.emit('draft.stale', { draftId: draft.id, newerMessageId }, SYSTEM);
}
