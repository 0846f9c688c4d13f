/**
 * Working time the slow and obvious way: each UTC minute is read off a wall clock by Intl and looked up in the calendar.
 * It knows nothing of offsets, so it can contradict what is compiled from them.
 */
import fc from 'fast-check';
import type { Calendar, Interval } from '../../domain/business-hours.ts';
import { offsetsOf } from '../../db/zone-offsets.ts';

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;
const WEEKDAYS = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun'];

interface Reading {
  weekday: number;
  date: string;
  minute: number;
}

const formats = new Map<string, Intl.DateTimeFormat>();
const readings = new Map<string, Reading>();

/** What a clock on the wall of `zone` shows at the UTC minute that begins at `instant`. */
export function wallClock(zone: string, instant: number): Reading {
  const key = `${zone} ${instant}`;
  const known = readings.get(key);
  if (known !== undefined) return known;
  const parts = Object.fromEntries(
    formatOf(zone)
      .formatToParts(instant)
      .map((part) => [part.type, part.value]),
  );
  const reading = {
    weekday: WEEKDAYS.indexOf(parts['weekday'] ?? ''),
    date: `${parts['year']}-${parts['month']}-${parts['day']}`,
    minute: Number(parts['hour']) * 60 + Number(parts['minute']),
  };
  readings.set(key, reading);
  return reading;
}

function formatOf(zone: string): Intl.DateTimeFormat {
  const known = formats.get(zone);
  if (known !== undefined) return known;
  const format = new Intl.DateTimeFormat('en-US', {
    timeZone: zone,
    hourCycle: 'h23',
    weekday: 'short',
    year: 'numeric',
    month: '2-digit',
    day: '2-digit',
    hour: '2-digit',
    minute: '2-digit',
  });
  formats.set(zone, format);
  return format;
}

/** Whether the calendar works in the UTC minute that begins at `minute`; no calendar always does. */
export function isWorked(calendar: Calendar | null, minute: number): boolean {
  if (calendar === null) return true;
  const reading = wallClock(calendar.zone, minute);
  if (calendar.holidays.includes(reading.date)) return false;
  const day = calendar.weekly[reading.weekday] ?? [];
  return day.some((interval) => interval.from <= reading.minute && reading.minute < interval.to);
}

/** The parts of [from, to) by UTC minute, each with whether it is worked. */
export function* minutes(calendar: Calendar | null, from: number, to: number) {
  for (let minute = Math.floor(from / MINUTE) * MINUTE; minute < to; minute += MINUTE) {
    yield { from: Math.max(from, minute), to: Math.min(to, minute + MINUTE), worked: isWorked(calendar, minute) };
  }
}

/** Milliseconds worked in [from, to). */
export function workedByMinutes(calendar: Calendar | null, from: number, to: number): number {
  let worked = 0;
  for (const part of minutes(calendar, from, to)) if (part.worked) worked += part.to - part.from;
  return worked;
}

/** The first instant before `limit` at which `amount` has been worked since `from`, if there is one. */
export function dueByMinutes(calendar: Calendar | null, from: number, amount: number, limit: number): number | null {
  let left = amount;
  for (const part of minutes(calendar, from, limit)) {
    if (!part.worked) continue;
    if (part.to - part.from >= left) return part.from + left;
    left -= part.to - part.from;
  }
  return null;
}

/** Instants at which a zone's clocks were moved, or an ordinary day where they never are. */
const TURNS: readonly (readonly [zone: string, day: string])[] = [
  ['Europe/Berlin', '2026-03-29'],
  ['Europe/Berlin', '2026-10-25'],
  ['America/New_York', '2026-03-08'],
  ['America/New_York', '2026-11-01'],
  ['Australia/Lord_Howe', '2026-04-05'],
  ['Australia/Lord_Howe', '2026-10-04'],
  ['Asia/Kathmandu', '2026-06-01'],
  ['Pacific/Apia', '2011-12-30'],
  ['Pacific/Apia', '2021-04-04'],
  ['America/Sao_Paulo', '2018-02-18'],
  ['America/Sao_Paulo', '2018-11-04'],
  ['UTC', '2026-12-31'],
];

const anyDay: fc.Arbitrary<Interval[]> = fc.oneof(
  fc.constantFrom<Interval[]>(
    [],
    [{ from: 540, to: 1020 }],
    [
      { from: 480, to: 720 },
      { from: 780, to: 1080 },
    ],
    [
      { from: 0, to: 360 },
      { from: 1320, to: 1440 },
    ],
    [{ from: 0, to: 1440 }],
    [{ from: 1439, to: 1440 }],
    [{ from: 60, to: 180 }],
  ),
  fc.uniqueArray(fc.integer({ min: 0, max: 1440 }), { minLength: 2, maxLength: 6 }).map((cuts) => {
    const sorted = cuts.toSorted((a, b) => a - b);
    return sorted.flatMap((from, index) => {
      const to = sorted[index + 1];
      return index % 2 === 0 && to !== undefined ? [{ from, to }] : [];
    });
  }),
);

/** A calendar, and the midnight (UTC) of a day near which its zone's clocks are moved. */
export interface Place {
  calendar: Calendar;
  turn: number;
}

const compiled = new Map<string, Calendar['offsets']>();

function offsetsAround(zone: string, turn: number): Calendar['offsets'] {
  const key = `${zone} ${turn}`;
  const offsets = compiled.get(key) ?? offsetsOf(zone, turn - 60 * DAY, turn + 60 * DAY);
  compiled.set(key, offsets);
  return offsets;
}

/** Calendars of any week and any holidays, each at a day on which clocks are moved. */
export const anyPlace: fc.Arbitrary<Place> = fc
  .record({
    turn: fc.constantFrom(...TURNS),
    weekly: fc.array(anyDay, { minLength: 7, maxLength: 7 }),
    holidays: fc.uniqueArray(fc.integer({ min: -2, max: 3 }), { maxLength: 2 }),
  })
  .map(({ turn: [zone, day], weekly, holidays }) => {
    const turn = Date.parse(`${day}T00:00:00Z`);
    const dates = holidays.toSorted((a, b) => a - b).map((days) => dateOf(turn + days * DAY));
    return { calendar: { id: 'any', zone, weekly, holidays: dates, offsets: offsetsAround(zone, turn) }, turn };
  });

function dateOf(instant: number): string {
  return new Date(instant).toISOString().slice(0, 10);
}

/** A calendar of `zone` that works `weekly` on each of its days, with offsets around `around`. */
export function calendarOf(
  zone: string,
  around: number,
  weekly: Calendar['weekly'],
  holidays: string[] = [],
): Calendar {
  return { id: zone, zone, weekly, holidays, offsets: offsetsAround(zone, around) };
}

export const everyDay = (...intervals: Interval[]): Calendar['weekly'] => Array.from({ length: 7 }, () => intervals);
