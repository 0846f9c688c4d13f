/** Clocks in lists, each with as much of its ticket as a list needs. */
import { z } from 'zod';
import { TARGETS } from '../../domain/sla-policy.ts';
import { STATUSES } from '../../domain/status.ts';
import { PRIORITIES, referenceOf } from '../../domain/ticket.ts';
import type { SlaRow } from '../reads/sla-lists.ts';
import { instant, instantSchema } from './instant.ts';

const summarySchema = z
  .object({
    id: z.uuid(),
    reference: z.string().meta({ example: 'T-1234' }),
    subject: z.string(),
    status: z.enum(STATUSES),
    priority: z.enum(PRIORITIES),
    team: z.string().nullable(),
    requester: z.object({ id: z.uuid(), name: z.string().nullable(), email: z.string() }),
    assignee: z.object({ id: z.uuid(), name: z.string() }).nullable(),
  })
  .meta({ id: 'TicketSummary' });

const clock = { ticket: summarySchema, target: z.enum(TARGETS), dueAt: instantSchema };

export const breachSchema = z
  .object({ ...clock, lateBySeconds: z.int().meta({ description: 'By the wall clock.' }) })
  .meta({ id: 'Breach' });

export const riskSchema = z
  .object({ ...clock, dueInSeconds: z.int().meta({ description: 'By the wall clock; below zero, it falls due now.' }) })
  .meta({ id: 'Risk' });

/** A late clock as JSON at `now` (milliseconds since 1970). */
export function breachJson(row: SlaRow, now: number): z.infer<typeof breachSchema> {
  return { ...clockJson(row), lateBySeconds: Math.max(0, Math.round((now - row.dueAt) / 1000)) };
}

/** A clock near its deadline as JSON at `now` (milliseconds since 1970). */
export function riskJson(row: SlaRow, now: number): z.infer<typeof riskSchema> {
  return { ...clockJson(row), dueInSeconds: Math.round((row.dueAt - now) / 1000) };
}

function clockJson(row: SlaRow) {
  const { id, subject, status, priority, team, target, dueAt } = row;
  const requester = { id: row.requesterId, name: row.requesterName, email: row.requesterEmail };
  const assignee = row.assigneeId === null ? null : { id: row.assigneeId, name: row.assigneeName ?? '' };
  const ticket = { id, reference: referenceOf(row), subject, status, priority, team, requester, assignee };
  return { ticket, target, dueAt: instant(dueAt) };
}
