import { defineEntity, p } from '@mikro-orm/core';
import { STATUSES } from '../../domain/status.ts';
import { CHANNELS, PRIORITIES, type Ticket as TicketState } from '../../domain/ticket.ts';
import { Customer } from './customer.ts';
import { User } from './user.ts';

const TicketSchema = defineEntity({
  name: 'Ticket',
  tableName: 'tickets',
  properties: {
    id: p.uuid().primary(),
    number: p.integer(),
    version: p.integer(),
    status: p.enum(STATUSES),
    priority: p.enum(PRIORITIES),
    channel: p.enum(CHANNELS),
    subject: p.string(),
    requester: () => p.manyToOne(Customer),
    assignee: () => p.manyToOne(User).nullable(),
    slaDueAt: p.datetime().nullable(),
    state: p.json<TicketState>(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** What people read of a ticket. Written by its workflow alone, through `activities/tickets.ts`. */
export class Ticket extends TicketSchema.class {}
TicketSchema.setClass(Ticket);
