/**
 * A person's command, from the request to its verdict: the words it carries are stored first, so that Temporal's history
 * holds their id alone; then the update; a refusal takes the words away again.
 *
 * Does not promise to remove words when no verdict came: the command may yet be taken, and a repeat needs them.
 */
import type { Pool } from 'pg';
import type { PersonCommand } from '../domain/person-commands.ts';
import { decide } from '../domain/decide.ts';
import { DeskError, ERRORS } from '../domain/errors.ts';
import { isRefusal } from '../domain/outcome.ts';
import { recordedTicket } from './reads/tickets.ts';
import type { Services } from './services.ts';

export interface Words {
  /** The text that keeps them. */
  id: string;
  body: string;
}

/** Executes `command` on the ticket; throws a DeskError for a refusal, and nothing has changed then. */
export async function execute(
  services: Services,
  ticketId: string,
  command: PersonCommand,
  words: readonly Words[] = [],
): Promise<void> {
  const { pool, tickets } = services;
  for (const one of words) await storeWords(pool, one);
  try {
    await tickets.execute(ticketId, command);
  } catch (error) {
    if (!(error instanceof DeskError)) throw error;
    const refusal = await judgedAgain(services, ticketId, command, error);
    if (refusal === null) return;
    if (words.length > 0 && !ERRORS[refusal.code].retryable)
      await pool.query('delete from texts where id = any($1::uuid[])', [words.map(({ id }) => id)]);
    throw refusal;
  }
}

async function storeWords(pool: Pool, { id, body }: Words): Promise<void> {
  await pool.query({
    name: 'store-words',
    text: 'insert into texts (id, body) values ($1, $2) on conflict (id) do nothing',
    values: [id, body],
  });
}

/**
 * The refusal as the recorded ticket explains it: one whose workflow has ended can only say that it is closed, and one that
 * did not answer in time may have taken the command. Null when the command was taken, whoever's answer was lost.
 */
async function judgedAgain(
  { pool, now }: Services,
  ticketId: string,
  command: PersonCommand,
  refusal: DeskError,
): Promise<DeskError | null> {
  const { state } = await recordedTicket(pool, ticketId);
  if (state.applied.includes(command.id)) return null;
  if (refusal.code !== 'ticket_closed') return refusal;
  const decision = decide(state, command, now());
  return isRefusal(decision) ? new DeskError(decision.refused, decision.detail, { facts: decision.facts }) : refusal;
}
