import { defineEntity, p } from '@mikro-orm/core';
import { AVAILABILITIES } from '../../domain/assignment.ts';

export const ON_AWAY = ['keep', 'handBack'] as const;

const AgentSchema = defineEntity({
  name: 'Agent',
  tableName: 'agents',
  properties: {
    id: p.uuid().primary(),
    availability: p.enum(AVAILABILITIES),
    capacity: p.integer(),
    senior: p.boolean(),
    languages: p.json<string[]>(),
    skills: p.json<Record<string, number>>(),
    calendarId: p.string().nullable(),
    onAway: p.enum(ON_AWAY),
    lastSeenAt: p.datetime().nullable(),
    updatedAt: p.datetime(),
  },
});

/** A user's seat at the desk. The load is not here: it changes in the statements that record tickets, and nowhere else. */
export class Agent extends AgentSchema.class {}
AgentSchema.setClass(Agent);
