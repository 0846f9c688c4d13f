/** Local dates and times of day in requests. */
import { z } from 'zod';

/** From 00:00 to 23:59. */
export const timeOfDay = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, {
    error: ({ input }) => `is "${shortened(input)}", which is no time of day; write it as 09:00`,
  })
  .meta({ example: '09:00' });

/** From 00:01 to 24:00. */
export const timeOfEnd = z
  .string()
  .regex(/^(?:(?:[01]\d|2[0-3]):[0-5]\d|24:00)$/, {
    error: ({ input }) => `is "${shortened(input)}", which is no time of day; write it as 17:00, or 24:00 for midnight`,
  })
  .meta({ example: '17:00' });

/** A day of the calendar, such as `2026-12-25`. */
export const localDate = z.iso
  .date({ error: ({ input }) => `is "${shortened(input)}", which is no date; write it as 2026-12-25` })
  .meta({ example: '2026-12-25' });

/** Minutes from midnight. */
export function minuteOf(time: string): number {
  const [hours, minutes] = time.split(':').map(Number);
  return (hours ?? 0) * 60 + (minutes ?? 0);
}

/** Minutes from midnight as a time; 1440 is 24:00. */
export function clock(minute: number): string {
  return `${two(Math.floor(minute / 60))}:${two(minute % 60)}`;
}

function shortened(input: unknown): string {
  return String(input).slice(0, 40);
}

function two(value: number): string {
  return String(value).padStart(2, '0');
}
