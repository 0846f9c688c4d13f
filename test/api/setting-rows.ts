/** Tickets put into the database by SQL, as their workflows would have recorded them, for tests that only read. */
import { randomUUID } from 'node:crypto';
import type { Database } from '../../db/orm.ts';
import type { Clock } from '../../domain/clock.ts';
import { blankTicket, isLate, isNearDeadline, isWaiting, type Ticket } from '../../domain/ticket.ts';

/** A clock that runs, due at `dueAt` (milliseconds since 1970). */
export function runningClock(dueAt: number, over: Partial<Clock> = {}): Clock {
  return {
    startedAt: dueAt - 3_600_000,
    target: 3_600_000,
    counted: 0,
    since: dueAt - 3_600_000,
    dueAt,
    warnAt: [],
    warnedAt: null,
    breachedAt: null,
    fulfilledAt: null,
    ...over,
  };
}

interface Facts extends Partial<Omit<Ticket, 'supportType'>> {
  supportType?: string;
}

let next = 5000;

/** Inserts an open ticket with the given facts, the seat of its assignee not counted, and answers its id. */
export async function openTicket({ pool }: Database, { supportType, ...facts }: Facts = {}): Promise<string> {
  const number = (next += 1);
  const requesterId = randomUUID();
  const type: Ticket['supportType'] =
    supportType === undefined
      ? null
      : {
          id: supportType,
          autonomy: 'suggest',
          assignmentMode: 'leastLoaded',
          teamId: null,
          reasonRequired: false,
          autoCloseAfter: 0,
        };
  const ticket: Ticket = {
    ...blankTicket(randomUUID(), number),
    status: 'open',
    version: 1,
    requesterId,
    supportType: type,
    createdAt: Date.now(),
    updatedAt: Date.now(),
    ...facts,
  };
  const due = Object.values(ticket.clocks).map((clock) => clock?.dueAt ?? Infinity);
  await pool.query(`insert into customers (id, email, name, created_at) values ($1, $2, 'Grace', now())`, [
    requesterId,
    `${requesterId}@example.com`,
  ]);
  await pool.query(
    `insert into tickets (id, number, version, status, priority, channel, subject, requester_id, assignee_id, state,
                          support_type, team_id, waiting, sla_due_at, late, at_risk, created_at, updated_at)
     values ($1, $2, 1, $3, $4, 'api', $5, $6, $7, $8, $9, $10, $11, to_timestamp($12::double precision / 1000), $13, $14,
             now(), now())`,
    [
      ticket.id,
      number,
      ticket.status,
      ticket.priority,
      `Ticket ${number}`,
      requesterId,
      ticket.assigneeId,
      JSON.stringify(ticket),
      supportType ?? null,
      ticket.teamId,
      isWaiting(ticket),
      Math.min(...due) === Infinity ? null : Math.min(...due),
      isLate(ticket),
      isNearDeadline(ticket),
    ],
  );
  return ticket.id;
}
