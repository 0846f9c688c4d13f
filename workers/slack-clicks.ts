/**
 * A click on a ticket's Slack card: the same update that the console executes, so a race between the two is settled in
 * one place. A refused click is answered to the clicker alone, naming who was first.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { noteSeen } from '../db/agents.ts';
import { messageIdOf } from '../db/intake.ts';
import { DeskError, ERRORS } from '../domain/errors.ts';
import type { Slack } from '../integrations/slack.ts';
import type { TicketClient } from '../workflows/ticket-client.ts';
import type { ClaimedRow, Settled } from './relay.ts';

const clickSchema = z.object({
  ticketId: z.uuid(),
  draftId: z.uuid(),
  decision: z.enum(['approve', 'discard']),
  user: z.object({ id: z.string().min(1), name: z.string().nullish() }),
  responseUrl: z.string().nullish(),
});

interface ClickDeps {
  pool: Pool;
  logger: Logger;
  tickets: TicketClient;
  slack: Slack | null;
  undoSendMs: number;
}

const DISABLED = 'You are disabled at this desk, so nothing was decided; ask an admin of the desk.';

/** Executes the decision of the click in `row`. */
export async function decideByClick(deps: ClickDeps, row: ClaimedRow): Promise<Settled> {
  const click = clickSchema.parse(JSON.parse(row.body));
  const { id: userId, disabled } = await userOfSlack(deps.pool, click.user);
  // Whoever decides in Slack is there, as whoever calls the API is.
  await noteSeen(deps.pool, userId);
  try {
    if (disabled) throw new DeskError('forbidden', DISABLED);
    await deps.tickets.execute(click.ticketId, {
      type: 'decideDraft',
      id: `inbox:${row.id}`,
      requestId: row.requestId,
      draftId: click.draftId,
      decision: click.decision,
      messageId: messageIdOf('slack', row.externalId),
      textId: null,
      sendAt: deps.undoSendMs === 0 ? null : row.receivedAt + deps.undoSendMs,
      by: { kind: 'agent', id: userId },
    });
    return { state: 'applied', ticketId: click.ticketId };
  } catch (error) {
    if (!(error instanceof DeskError) || ERRORS[error.code].retryable) throw error;
    const reason = await namedReason(deps.pool, error);
    if (deps.slack !== null && click.responseUrl != null) {
      // The click is settled either way; only its clicker would miss the word.
      await deps.slack.answerClick(click.responseUrl, reason).catch((failure: unknown) => {
        deps.logger.warn({ err: failure, inboxId: row.id }, 'the clicker could not be told why the click was refused');
      });
    }
    return { state: 'ignored', reason };
  }
}

/** Whoever is in the channel may decide; a member who clicks for the first time becomes an agent who cannot sign in. */
async function userOfSlack(
  pool: Pool,
  user: { id: string; name?: string | null | undefined },
): Promise<{ id: string; disabled: boolean }> {
  const { rows } = await pool.query<{ id: string; disabled: boolean }>({
    name: 'slack-user',
    text: `insert into users as u (id, email, name, role, slack_user_id, created_at)
           values ($1, lower($2) || '@slack.invalid', $3, 'agent', $2, now())
           on conflict (slack_user_id) do update set name = u.name
           returning id, disabled_at is not null as disabled`,
    values: [newId(), user.id, user.name ?? user.id],
  });
  const [stored] = rows;
  if (stored === undefined) throw new Error('The Slack user could not be stored.');
  return stored;
}

async function namedReason(pool: Pool, refusal: DeskError): Promise<string> {
  const { decidedBy, decision } = refusal.facts;
  if (typeof decidedBy !== 'string') return refusal.message;
  const { rows } = await pool.query<{ name: string }>('select name from users where id::text = $1', [decidedBy]);
  const name = rows[0]?.name ?? 'somebody else';
  return `This draft was already decided (${String(decision)}) by ${name}.`;
}
