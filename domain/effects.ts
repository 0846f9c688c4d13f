/**
 * Effects: the work that a ticket asks for beside its loop. An effect stays in the ticket until its answer has come back
 * as a command, so a restart, a roll-over or a lost workflow task can always tell what is still owed.
 */
export type Effect =
  | { kind: 'triage'; id: string; messageId: string }
  | { kind: 'draft'; id: string; messageId: string }
  | { kind: 'send'; id: string; messageId: string; textId: string; answers: string | null }
  | { kind: 'page'; id: string; dueAt: number };

/** The id under which the answer to an effect comes back; one per effect, so an answer is taken once. */
export function answerId(effect: Pick<Effect, 'id'>): string {
  return `answer:${effect.id}`;
}
