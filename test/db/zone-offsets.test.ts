import { describe, expect, test } from 'vitest';
import { offsetsOf } from '../../db/zone-offsets.ts';
import { DAY, HOUR, MINUTE, wallClock } from '../domain/minute-oracle.ts';

const utc = (text: string) => Date.parse(`${text}Z`);

describe('the offsets of a zone', () => {
  test('are its daylight saving to the millisecond', () => {
    expect(offsetsOf('Europe/Berlin', utc('2026-01-01T00:00'), utc('2027-01-01T00:00'))).toEqual([
      [utc('2026-01-01T00:00'), 60],
      [utc('2026-03-29T01:00'), 120],
      [utc('2026-10-25T01:00'), 60],
    ]);
  });

  test('may change by half an hour, or by a whole day', () => {
    expect(offsetsOf('Australia/Lord_Howe', utc('2026-03-01T00:00'), utc('2026-05-01T00:00'))).toEqual([
      [utc('2026-03-01T00:00'), 660],
      [utc('2026-04-04T15:00'), 630],
    ]);
    expect(offsetsOf('Pacific/Apia', utc('2011-12-01T00:00'), utc('2012-01-31T00:00'))).toEqual([
      [utc('2011-12-01T00:00'), -600],
      [utc('2011-12-30T10:00'), 840],
    ]);
  });

  test('are one where clocks are never moved', () => {
    expect(offsetsOf('UTC', 0, utc('2030-01-01T00:00'))).toEqual([[0, 0]]);
    const begin = utc('2020-01-01T00:00');
    expect(offsetsOf('Asia/Kathmandu', begin, utc('2040-01-01T00:00'))).toEqual([[begin, 345]]);
  });

  test('take in a change at the very end of the span, and none after it', () => {
    const change = utc('2026-03-29T01:00');
    expect(offsetsOf('Europe/Berlin', change - HOUR, change)).toEqual([
      [change - HOUR, 60],
      [change, 120],
    ]);
    expect(offsetsOf('Europe/Berlin', change - HOUR, change - 1)).toEqual([[change - HOUR, 60]]);
  });

  test.each(['Africa/Casablanca', 'America/New_York', 'Asia/Gaza', 'Europe/London'])(
    'make of UTC what a clock in %s shows, every three hours for three years',
    (zone) => {
      const from = utc('2023-01-01T00:00');
      const offsets = offsetsOf(zone, from, from + 3 * 365 * DAY);
      for (let at = from; at < from + 3 * 365 * DAY; at += 3 * HOUR) {
        const [, minutes = 0] = offsets.findLast(([since]) => since <= at) ?? [];
        const local = new Date(at + minutes * MINUTE);
        const shown = wallClock(zone, at);
        expect([shown.date, shown.minute]).toEqual([
          local.toISOString().slice(0, 10),
          local.getUTCHours() * 60 + local.getUTCMinutes(),
        ]);
      }
    },
  );

  test('of a zone that nobody knows are refused by name', () => {
    expect(() => offsetsOf('Europe/Atlantis', 0, 1)).toThrow(/Time zone "Europe\/Atlantis" is unknown/);
  });
});
