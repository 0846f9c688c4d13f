/**
 * PagerDuty's rows of the ledger: whoever acknowledges or resolves an incident there has acknowledged the escalation that
 * opened it. An incident of an earlier escalation says nothing about the one that its ticket is in now.
 */
import type { Pool } from 'pg';
import { DeskError, ERRORS } from '../domain/errors.ts';
import type { Escalation } from '../domain/ticket.ts';
import { readPagerdutyEvent } from '../integrations/pagerduty-webhook.ts';
import type { TicketClient } from '../workflows/ticket-client.ts';
import type { ClaimedRow, Settled } from './relay.ts';

/** Hands the event in `row` to the ticket whose incident it is about; safe to run twice. */
export async function hearPagerduty(deps: { pool: Pool; tickets: TicketClient }, row: ClaimedRow): Promise<Settled> {
  const event = readPagerdutyEvent(JSON.parse(row.body));
  const about = escalationOf(event?.incidentKey ?? null);
  if (event === null || about === null) return ignored('The event names no incident of a ticket of this desk.');
  if (event.type === 'incident.unacknowledged') {
    return ignored('An incident that nobody has in hand any more changes no ticket by itself.');
  }
  if (event.merged) return ignored('The incident went into another one; nobody has said that they have it in hand.');
  const { ticketId, target, dueAt } = about;
  const now = await presentEscalation(deps.pool, ticketId);
  if (now === null || now.target !== target || now.dueAt !== dueAt) {
    return ignored('The escalation that opened the incident is over.');
  }
  const by = { kind: 'integration', id: null } as const;
  try {
    await deps.tickets.execute(ticketId, { type: 'acknowledge', id: `inbox:${row.id}`, requestId: row.requestId, by });
    return { state: 'applied', ticketId };
  } catch (error) {
    if (!(error instanceof DeskError) || ERRORS[error.code].retryable) throw error;
    return ignored(error.message);
  }
}

function ignored(reason: string): Settled {
  return { state: 'ignored', reason };
}

const INCIDENT_KEY = /^holdfast:([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}):(\w+):(\d+):\d+$/;

/** What an incident's key names, such as `holdfast:0198…:firstResponse:1767225600000:0`; null for another's key. */
function escalationOf(key: string | null): { ticketId: string; target: string; dueAt: number } | null {
  const [, ticketId, target, dueAt] = (key === null ? null : INCIDENT_KEY.exec(key)) ?? [];
  if (ticketId === undefined || target === undefined) return null;
  return { ticketId, target, dueAt: Number(dueAt) };
}

async function presentEscalation(pool: Pool, ticketId: string): Promise<Escalation | null> {
  const { rows } = await pool.query<{ escalation: Escalation | null }>({
    name: 'pagerduty-escalation',
    text: `select state -> 'escalation' as escalation from tickets where id = $1`,
    values: [ticketId],
  });
  return rows[0]?.escalation ?? null;
}
