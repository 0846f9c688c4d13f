/**
 * Working time: how much of a span a calendar counts, and when an amount of it will have passed.
 *
 * An instant is worked when its local clock reading lies in an interval of its local weekday and its local date is no
 * holiday; so an hour that daylight saving repeats counts twice, and one that it skips not at all. Everything is read
 * off the calendar's own offsets, so that workflow code gets the same answer on every machine and in every replay.
 * Does not promise the right offset outside the time that they were compiled for: the first holds before, the last after.
 */
const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;
/** Ten years, with the leap days that they can have. */
const HORIZON = 3653 * DAY;
/** 1 January 1970 was a Thursday; a week here begins on Monday. */
const FIRST_WEEKDAY = 3;

export interface Interval {
  /** Minutes from local midnight; the end is not part of it and at most 1440. */
  from: number;
  to: number;
}

export interface Calendar {
  id: string;
  /** IANA name; for showing: `offsets` decides. */
  zone: string;
  /** Seven lists, Monday first, each in order and disjoint. */
  weekly: readonly (readonly Interval[])[];
  /** Local dates, such as `2026-12-25`. */
  holidays: readonly string[];
  /** The offset from UTC in minutes from each instant (milliseconds) on, in order; the first also holds before. */
  offsets: readonly (readonly [from: number, minutes: number])[];
}

export interface Segment {
  from: number;
  to: number;
  counted: boolean;
  /** `always`: there is no calendar, so every minute counts. */
  why: 'always' | 'working' | 'closed' | 'holiday';
}

/** Milliseconds of working time in [from, to), instants in milliseconds; no calendar: every minute counts. */
export function workingTime(calendar: Calendar | null, from: number, to: number): number {
  if (calendar === null) return Math.max(0, to - from);
  let worked = 0;
  for (const segment of walk(calendar, from, to)) if (segment.counted) worked += segment.to - segment.from;
  return worked;
}

/**
 * The first instant at which `amount` milliseconds have been worked since `from`, which is `from` itself when nothing
 * is asked for; null when the calendar does not have that much within ten years.
 */
export function addWorkingTime(calendar: Calendar | null, from: number, amount: number): number | null {
  if (amount <= 0) return from;
  if (calendar === null) return from + amount;
  let left = amount;
  for (const segment of walk(calendar, from, from + HORIZON)) {
    if (!segment.counted) continue;
    const length = segment.to - segment.from;
    if (length >= left) return segment.from + left;
    left -= length;
  }
  return null;
}

/** What counts in [from, to) and why: contiguous, in order, and no two neighbours alike; empty when the span is. */
export function workingSegments(calendar: Calendar | null, from: number, to: number): Segment[] {
  if (to <= from) return [];
  if (calendar === null) return [{ from, to, counted: true, why: 'always' }];
  const merged: Segment[] = [];
  for (const segment of walk(calendar, from, to)) {
    const last = merged.at(-1);
    if (last?.why === segment.why) last.to = segment.to;
    else merged.push(segment);
  }
  return merged;
}

/** Walks [from, to) in steps during which neither the local date nor the offset changes. */
function* walk(calendar: Calendar, from: number, to: number): Generator<Segment> {
  const holidays = new Set(calendar.holidays);
  let at = from;
  for (const period of offsetPeriods(calendar, from)) {
    const end = Math.min(period.end, to);
    while (at < end) {
      const day = Math.floor((at + period.offset) / DAY);
      const midnight = day * DAY - period.offset;
      const dayEnd = Math.min(midnight + DAY, end);
      if (holidays.has(dateOf(day))) yield { from: at, to: dayEnd, counted: false, why: 'holiday' };
      else yield* intervals(calendar.weekly[weekdayOf(day)] ?? [], midnight, at, dayEnd);
      at = dayEnd;
    }
    if (at >= to) return;
  }
}

/** [from, to), a part of the day that begins at `midnight`, cut where the working intervals begin and end. */
function* intervals(day: readonly Interval[], midnight: number, from: number, to: number): Generator<Segment> {
  let at = from;
  for (const interval of day) {
    const opens = Math.max(at, midnight + interval.from * MINUTE);
    const closes = Math.min(to, midnight + interval.to * MINUTE);
    if (opens >= closes) continue;
    if (opens > at) yield { from: at, to: opens, counted: false, why: 'closed' };
    yield { from: opens, to: closes, counted: true, why: 'working' };
    at = closes;
  }
  if (at < to) yield { from: at, to, counted: false, why: 'closed' };
}

/** The offsets in milliseconds from the one that holds at `from` on, each with the instant at which it ends. */
function* offsetPeriods(calendar: Calendar, from: number): Generator<{ offset: number; end: number }> {
  if (calendar.offsets.length === 0) {
    throw new Error(`Calendar "${calendar.id}" has no offsets; compile those of its zone "${calendar.zone}" into it.`);
  }
  for (const [index, [, minutes]] of calendar.offsets.entries()) {
    const end = calendar.offsets[index + 1]?.[0] ?? Infinity;
    if (end > from) yield { offset: minutes * MINUTE, end };
  }
}

/** The date of a local day, counted in days since 1970, as a holiday is written. */
function dateOf(day: number): string {
  return new Date(day * DAY).toISOString().slice(0, 10);
}

function weekdayOf(day: number): number {
  return (((day + FIRST_WEEKDAY) % 7) + 7) % 7;
}
