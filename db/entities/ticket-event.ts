import { defineEntity, p } from '@mikro-orm/core';
import type { EventType } from '../../domain/events.ts';
import type { Actor } from '../../domain/ticket.ts';

const TicketEventSchema = defineEntity({
  name: 'TicketEvent',
  tableName: 'ticket_events',
  properties: {
    ticketId: p.uuid().primary(),
    sequence: p.integer().primary(),
    type: p.string().$type<EventType>(),
    at: p.datetime(),
    actorKind: p.string().$type<Actor['kind']>(),
    actorId: p.string().nullable(),
    causedBy: p.string(),
    data: p.json<Record<string, unknown>>(),
  },
});

/** One thing that happened to a ticket; never changed afterwards. */
export class TicketEvent extends TicketEventSchema.class {}
TicketEventSchema.setClass(TicketEvent);
