/** Putting a ticket aside for a while. */
import { z } from 'zod';
import { DeskError } from '../../domain/errors.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { type Asked, type Step, takeStep } from '../ticket-step.ts';

/** The furthest ahead that a ticket is put aside. */
const LONGEST_MS = 366 * 24 * 3_600_000;

/** What a snooze asks for. */
export const snoozeSchema = z.strictObject({
  until: z.iso
    .datetime({ offset: true, error: 'must be an instant such as 2026-12-24T08:00:00Z, or null' })
    .nullable()
    .meta({ description: 'Null: until the next message.' }),
});

export const snoozeRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/snooze',
  permission: 'tickets:update',
  summary: 'Put a ticket aside until an instant or until the next message; its clocks go on',
  params: ticketParams,
  query: nothing,
  body: snoozeSchema,
  answer: { status: 200, description: 'The ticket, snoozed.', schema: ticketSchema },
  errors: ['not_found', 'illegal_transition', 'workflow_unavailable'],
  etag: true,
  handle: ({ params, body }, caller, services) => {
    const until = untilOf(services, body);
    return takeStep(services, caller, params.id, (asked) => snoozeStep(asked, until));
  },
});

export const unsnoozeRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/unsnooze',
  permission: 'tickets:update',
  summary: 'Take a snoozed ticket up again',
  params: ticketParams,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The ticket, awake.', schema: ticketSchema },
  errors: ['not_found', 'not_snoozed', 'workflow_unavailable'],
  etag: true,
  handle: ({ params }, caller, services) =>
    takeStep(services, caller, params.id, (asked) => ({ command: { type: 'unsnooze', ...asked } })),
});

/** When the snooze ends, in milliseconds since 1970; null: with the next message. Throws `invalid_request`. */
export function untilOf({ now }: Services, { until }: z.output<typeof snoozeSchema>): number | null {
  if (until === null) return null;
  const at = Date.parse(until);
  if (at > now() && at <= now() + LONGEST_MS) return at;
  const message = at > now() ? 'must be within a year from now' : 'must lie in the future, or be null';
  throw new DeskError('invalid_request', `"until" ${message}.`, { errors: [{ path: 'until', message }] });
}

/** The step that puts a ticket aside. */
export function snoozeStep(asked: Asked, until: number | null): Step {
  return { command: { type: 'snooze', ...asked, until } };
}
