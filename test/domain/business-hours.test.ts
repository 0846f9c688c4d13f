import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { addWorkingTime, workingSegments, workingTime, type Calendar } from '../../domain/business-hours.ts';
import {
  anyPlace,
  calendarOf,
  DAY,
  dueByMinutes,
  everyDay,
  HOUR,
  isWorked,
  MINUTE,
  workedByMinutes,
} from './minute-oracle.ts';

const utc = (text: string) => Date.parse(`${text}Z`);

/** Any instant near a turn; whole minutes half of the time. */
const anyWait = fc.oneof(
  fc.integer({ min: -2 * 1440, max: 2 * 1440 }).map((minutes) => minutes * MINUTE),
  fc.integer({ min: -2 * DAY, max: 2 * DAY }),
);

describe('working time', () => {
  test('is what a reader of wall clocks counts minute by minute, in every zone and across each change', () => {
    fc.assert(
      fc.property(anyPlace, anyWait, anyWait, ({ calendar, turn }, a, b) => {
        const [from, to] = [turn + Math.min(a, b), turn + Math.max(a, b)];
        expect(workingTime(calendar, from, to)).toBe(workedByMinutes(calendar, from, to));
      }),
      { numRuns: 300 },
    );
  });

  test('of a span is that of its parts', () => {
    fc.assert(
      fc.property(anyPlace, fc.tuple(anyWait, anyWait, anyWait), ({ calendar, turn }, waits) => {
        const [a = 0, b = 0, c = 0] = waits.toSorted((x, y) => x - y).map((wait) => turn + wait);
        expect(workingTime(calendar, a, b) + workingTime(calendar, b, c)).toBe(workingTime(calendar, a, c));
      }),
    );
  });

  test('without a calendar is all time, and a span that ends before it begins has none', () => {
    expect(workingTime(null, 5, 12)).toBe(7);
    expect(workingTime(null, 12, 5)).toBe(0);
    const always = calendarOf('UTC', 0, everyDay({ from: 0, to: 1440 }));
    expect(workingTime(always, 12, 5)).toBe(0);
  });

  test('counts an hour twice that is repeated, and one not at all that is skipped', () => {
    const night = everyDay({ from: 60, to: 240 });
    const autumn = calendarOf('Europe/Berlin', utc('2026-10-25T00:00'), night);
    expect(workingTime(autumn, utc('2026-10-24T22:00'), utc('2026-10-25T22:00'))).toBe(4 * HOUR);
    const spring = calendarOf('Europe/Berlin', utc('2026-03-29T00:00'), night);
    expect(workingTime(spring, utc('2026-03-28T23:00'), utc('2026-03-29T22:00'))).toBe(2 * HOUR);
  });

  test('has the half hour that Lord Howe Island repeats', () => {
    const night = calendarOf('Australia/Lord_Howe', utc('2026-04-05T00:00'), everyDay({ from: 0, to: 180 }));
    expect(workingTime(night, utc('2026-04-04T13:00'), utc('2026-04-05T13:30'))).toBe(3.5 * HOUR);
  });

  test('has no day that Samoa left out', () => {
    const samoa = calendarOf('Pacific/Apia', utc('2011-12-30T00:00'), everyDay({ from: 540, to: 600 }), ['2011-12-30']);
    // Thursday the 29th at 00:00 local to Sunday the 1st at 00:00 local: two days went by, not three.
    expect(workingTime(samoa, utc('2011-12-29T10:00'), utc('2011-12-31T10:00'))).toBe(2 * HOUR);
  });

  test('keeps the last minute of a day and the first of the next', () => {
    const nights = calendarOf('UTC', 0, everyDay({ from: 0, to: 360 }, { from: 1320, to: 1440 }));
    expect(workingTime(nights, utc('1970-01-10T23:59'), utc('1970-01-11T00:01'))).toBe(2 * MINUTE);
    expect(addWorkingTime(nights, utc('1970-01-10T22:00'), 8 * HOUR)).toBe(utc('1970-01-11T06:00'));
  });
});

describe('a deadline', () => {
  test('is the first instant at which a reader of wall clocks has counted enough', () => {
    fc.assert(
      fc.property(
        anyPlace,
        anyWait,
        fc.integer({ min: 1, max: 20 * HOUR }),
        fc.boolean(),
        (place, wait, length, whole) => {
          const from = place.turn + wait;
          const amount = whole ? Math.ceil(length / MINUTE) * MINUTE : length;
          const limit = place.turn + 4 * DAY;
          const due = addWorkingTime(place.calendar, from, amount);
          expect(due !== null && due <= limit ? due : null).toBe(dueByMinutes(place.calendar, from, amount, limit));
        },
      ),
      { numRuns: 300 },
    );
  });

  test('has exactly the amount before it, and not one millisecond earlier', () => {
    fc.assert(
      fc.property(anyPlace, anyWait, fc.integer({ min: 1, max: 300 * HOUR }), ({ calendar, turn }, wait, amount) => {
        const due = addWorkingTime(calendar, turn + wait, amount);
        if (due === null) return;
        expect(workingTime(calendar, turn + wait, due)).toBe(amount);
        expect(workingTime(calendar, turn + wait, due - 1)).toBe(amount - 1);
      }),
    );
  });

  test('is the end of the working day when that is when enough was worked, not the next morning', () => {
    const office = calendarOf('UTC', 0, everyDay({ from: 540, to: 1080 }));
    expect(addWorkingTime(office, utc('1970-01-05T09:00'), 9 * HOUR)).toBe(utc('1970-01-05T18:00'));
  });

  test('for nothing is at once, open or closed', () => {
    const office = calendarOf('UTC', 0, everyDay({ from: 540, to: 1080 }));
    expect(addWorkingTime(office, utc('1970-01-05T03:00'), 0)).toBe(utc('1970-01-05T03:00'));
    expect(addWorkingTime(office, utc('1970-01-05T03:00'), -HOUR)).toBe(utc('1970-01-05T03:00'));
    expect(addWorkingTime(null, 1000, 500)).toBe(1500);
  });

  test('is none when ten years do not have the time', () => {
    expect(addWorkingTime(calendarOf('UTC', 0, everyDay()), 0, 1)).toBeNull();
    const minuteAWeek = calendarOf('UTC', 0, [[{ from: 0, to: 1 }]]);
    expect(addWorkingTime(minuteAWeek, 0, 520 * MINUTE)).not.toBeNull();
    expect(addWorkingTime(minuteAWeek, 0, 530 * MINUTE)).toBeNull();
  });

  test('of 200 hours takes no longer to find than walking a few weeks of days', () => {
    const office = calendarOf('Europe/Berlin', utc('2026-03-29T00:00'), everyDay({ from: 540, to: 1020 }));
    const begun = performance.now();
    for (let run = 0; run < 1000; run += 1) addWorkingTime(office, utc('2026-03-20T12:00') + run * HOUR, 200 * HOUR);
    expect(performance.now() - begun).toBeLessThan(2000);
  });

  test('asks for offsets when the calendar was compiled without any', () => {
    const bare: Calendar = { id: 'bare', zone: 'Europe/Berlin', weekly: [], holidays: [], offsets: [] };
    expect(() => addWorkingTime(bare, 0, 1)).toThrow(/Calendar "bare" has no offsets/);
  });
});

describe('segments', () => {
  test('cover the span without a gap, differ from their neighbours and count what working time counts', () => {
    fc.assert(
      fc.property(anyPlace, anyWait, anyWait, ({ calendar, turn }, a, b) => {
        const [from, to] = [turn + Math.min(a, b), turn + Math.max(a, b)];
        const segments = workingSegments(calendar, from, to);
        let at = from;
        for (const [index, segment] of segments.entries()) {
          expect(segment.from).toBe(at);
          expect(segment.to).toBeGreaterThan(segment.from);
          expect(segment.why).not.toBe(segments[index - 1]?.why);
          expect(segment.counted).toBe(segment.why === 'working');
          expect(isWorked(calendar, Math.floor(segment.from / MINUTE) * MINUTE)).toBe(segment.counted);
          at = segment.to;
        }
        expect(at).toBe(to);
        const counted = segments.filter((segment) => segment.counted).map((segment) => segment.to - segment.from);
        expect(counted.reduce((sum, length) => sum + length, 0)).toBe(workingTime(calendar, from, to));
      }),
    );
  });

  test('name the holiday for the whole of its local date', () => {
    const office = calendarOf('Europe/Berlin', utc('2026-12-25T00:00'), everyDay({ from: 540, to: 1020 }), [
      '2026-12-25',
    ]);
    expect(workingSegments(office, utc('2026-12-24T15:00'), utc('2026-12-26T09:00'))).toEqual([
      { from: utc('2026-12-24T15:00'), to: utc('2026-12-24T16:00'), counted: true, why: 'working' },
      { from: utc('2026-12-24T16:00'), to: utc('2026-12-24T23:00'), counted: false, why: 'closed' },
      { from: utc('2026-12-24T23:00'), to: utc('2026-12-25T23:00'), counted: false, why: 'holiday' },
      { from: utc('2026-12-25T23:00'), to: utc('2026-12-26T08:00'), counted: false, why: 'closed' },
      { from: utc('2026-12-26T08:00'), to: utc('2026-12-26T09:00'), counted: true, why: 'working' },
    ]);
  });

  test('without a calendar are one that always counts; of no span there are none', () => {
    expect(workingSegments(null, 1, 9)).toEqual([{ from: 1, to: 9, counted: true, why: 'always' }]);
    expect(workingSegments(null, 9, 9)).toEqual([]);
  });
});
