/** Calendars as the API shows and takes them: the week by day, each interval from and to a local time of day. */
import { z } from 'zod';
import type { Calendar } from '../../db/entities/calendar.ts';
import type { Interval } from '../../domain/business-hours.ts';
import { instantSchema } from './instant.ts';
import { settingId } from './setting-id.ts';
import { clock, localDate, minuteOf, timeOfDay, timeOfEnd } from './time-of-day.ts';
import { words } from './text.ts';
import { zoneSchema } from './zone.ts';

const MOST_INTERVALS = 50;
export const MOST_HOLIDAYS = 400;
const DAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

const daySchema = z
  .array(z.strictObject({ from: timeOfDay, to: timeOfEnd }))
  .superRefine((intervals, context) => {
    for (const { path, message } of wrongIntervals(intervals)) {
      context.addIssue({ code: 'custom', path, message, input: intervals });
    }
  })
  .meta({ example: [{ from: '09:00', to: '12:30' }] });
const weekShape = {
  monday: daySchema,
  tuesday: daySchema,
  wednesday: daySchema,
  thursday: daySchema,
  friday: daySchema,
  saturday: daySchema,
  sunday: daySchema,
};

const weekSchema = z
  .strictObject(weekShape)
  .partial()
  .refine((week) => countOf(week) > 0, { error: 'must have one interval at least, for otherwise nothing is ever due' })
  .refine((week) => countOf(week) <= MOST_INTERVALS, {
    error: (issue) => `has ${countOf(issue.input)} intervals; give at most ${MOST_INTERVALS}`,
  });

const fields = {
  name: words(120),
  zone: zoneSchema,
  weekly: weekSchema.meta({
    description: 'A day that is not named is closed. An interval ends at 24:00 at the latest.',
  }),
  holidays: z.array(localDate).max(MOST_HOLIDAYS).meta({ description: 'Local dates on which nobody works.' }),
  country: z
    .string()
    .regex(/^[A-Za-z]{2}$/, { error: 'must be the two letters of a country, such as DE' })
    .nullable()
    .meta({ description: 'Its public holidays of this year and the next four are added to those given.' }),
};

export const newCalendarSchema = z.strictObject({
  id: settingId.optional(),
  ...fields,
  holidays: fields.holidays.optional(),
  country: fields.country.optional(),
});
export const calendarChangeSchema = z.strictObject(fields).partial();

export const calendarSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    zone: z.string(),
    weekly: z.object(weekShape),
    holidays: z.array(z.string()),
    country: z.string().nullable(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Calendar' });

type Week = z.output<typeof weekSchema>;

/** Seven lists, Monday first, each in order. */
export function weeklyOf(week: Week): Interval[][] {
  return DAYS.map((day) =>
    (week[day] ?? [])
      .map(({ from, to }) => ({ from: minuteOf(from), to: minuteOf(to) }))
      .sort((a, b) => a.from - b.from),
  );
}

/** A calendar as JSON. */
export function calendarJson(row: Calendar): z.infer<typeof calendarSchema> {
  const on = (day: number) => (row.weekly[day] ?? []).map(({ from, to }) => ({ from: clock(from), to: clock(to) }));
  return {
    id: row.id,
    name: row.name,
    zone: row.zone,
    weekly: {
      monday: on(0),
      tuesday: on(1),
      wednesday: on(2),
      thursday: on(3),
      friday: on(4),
      saturday: on(5),
      sunday: on(6),
    },
    holidays: row.holidays,
    country: row.country ?? null,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

function countOf(week: unknown): number {
  return Object.values(week ?? {}).reduce<number>((sum, day) => sum + (Array.isArray(day) ? day.length : 0), 0);
}

function wrongIntervals(intervals: readonly { from: string; to: string }[]) {
  return intervals.flatMap((interval, index) => {
    const { from, to } = interval;
    if (minuteOf(to) === minuteOf(from)) {
      return [{ path: [index, 'to'], message: `ends when it begins, at ${from}; give a later time` }];
    }
    if (minuteOf(to) < minuteOf(from)) {
      const message = `passes midnight (${told(interval)}); end it at 24:00 and begin another at 00:00 of the next day`;
      return [{ path: [index, 'to'], message }];
    }
    const other = intervals
      .slice(0, index)
      .find((earlier) => minuteOf(earlier.from) < minuteOf(to) && minuteOf(from) < minuteOf(earlier.to));
    if (other === undefined) return [];
    return [{ path: [index], message: `(${told(interval)}) overlaps ${told(other)}; make one of the two` }];
  });
}

function told({ from, to }: { from: string; to: string }): string {
  return `${from} to ${to}`;
}
