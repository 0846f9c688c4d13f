/**
 * What followers of the desk are told: that something happened to a ticket, or that an agent came or left. Frames carry what
 * a list shows, never what somebody wrote.
 */
import { z } from 'zod';
import { AVAILABILITIES } from '../../domain/assignment.ts';
import { STATUSES } from '../../domain/status.ts';
import { PRIORITIES } from '../../domain/ticket.ts';
import { instantSchema } from './instant.ts';

const ticketFrameSchema = z.object({
  type: z.enum(['new_ticket', 'ticket_update', 'sla_warning']),
  at: instantSchema.meta({ description: 'When it happened.' }),
  data: z.object({
    id: z.uuid().meta({ description: "The ticket's." }),
    reference: z.string().meta({ example: 'T-1234' }),
    event: z.string().meta({ description: 'As the timeline calls it.', example: 'ticket.assigned' }),
    sequence: z.int().meta({ description: "The event's number in the ticket's timeline." }),
    eventId: z.string().meta({ description: 'Where to go on after a disconnect: `lastEventId`.' }),
    actor: z.object({ kind: z.string(), id: z.string().nullable() }),
    version: z.int().meta({ description: 'Of the ticket, as the facts below, when the frame was made.' }),
    status: z.enum(STATUSES),
    priority: z.enum(PRIORITIES),
    supportType: z.string().nullable(),
    team: z.string().nullable(),
    assignee: z.object({ id: z.uuid(), name: z.string() }).nullable(),
    slaDueAt: instantSchema.nullable().meta({ description: 'The earliest deadline.' }),
  }),
});

const agentFrameSchema = z.object({
  type: z.literal('agent_status'),
  at: instantSchema,
  data: z.object({
    id: z.uuid(),
    name: z.string(),
    availability: z.enum(AVAILABILITIES),
    load: z.int(),
    capacity: z.int(),
  }),
});

export const frameSchema = z.union([ticketFrameSchema, agentFrameSchema]).meta({ id: 'LiveFrame' });

export type TicketFrame = z.infer<typeof ticketFrameSchema>;
export type AgentFrame = z.infer<typeof agentFrameSchema>;
