import { defineEntity, p } from '@mikro-orm/core';
import type { Interval } from '../../domain/business-hours.ts';

const CalendarSchema = defineEntity({
  name: 'Calendar',
  tableName: 'calendars',
  properties: {
    id: p.string().primary(),
    name: p.string(),
    zone: p.string(),
    weekly: p.json<Interval[][]>(),
    holidays: p.json<string[]>(),
    country: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** Working hours: seven lists of intervals, Monday first, and the local dates on which nobody works. */
export class Calendar extends CalendarSchema.class {}
CalendarSchema.setClass(Calendar);
