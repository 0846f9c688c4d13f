import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { offsetsOf } from '../../db/zone-offsets.ts';
import { onCall, type Rota } from '../../domain/rota.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

const zones = ['UTC', 'Europe/Berlin', 'America/New_York', 'Australia/Lord_Howe', 'Asia/Kathmandu', 'Pacific/Chatham'];
const offsets = new Map(zones.map((zone) => [zone, offsetsOf(zone, Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1))]));

function rota(more: Partial<Rota> = {}): Rota {
  const zone = more.zone ?? 'Europe/Berlin';
  return {
    id: 'r',
    name: 'Weekly',
    zone,
    offsets: offsets.get(zone) ?? [],
    startsOn: '2026-03-02',
    handOverMinute: 9 * 60,
    rotationDays: 7,
    agentIds: ['ada', 'bo', 'cy'],
    overrides: [],
    ...more,
  };
}

/** What the wall clock of a zone reads, as if it were UTC: by Node's own zone data, not by the rota's offsets. */
function wallClock(zone: string): (at: number) => number {
  const format = new Intl.DateTimeFormat('en-CA', {
    timeZone: zone,
    dateStyle: 'short',
    timeStyle: 'medium',
    hour12: false,
  });
  return (at) => {
    const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
    const part = (type: Intl.DateTimeFormatPartTypes) => parts.get(type) ?? NaN;
    return Date.UTC(part('year'), part('month') - 1, part('day'), part('hour') % 24, part('minute'));
  };
}
const clocks = new Map(zones.map((zone) => [zone, wallClock(zone)]));

/** Lives through the rota day by day: on a hand-over day, watches the wall clock until it shows the time or has passed it. */
function livedThrough(rota: Rota, at: number): string | null {
  const clock = clocks.get(rota.zone) ?? wallClock(rota.zone);
  const firstDay = Date.parse(`${rota.startsOn}T00:00:00Z`);
  let onDuty: string | null = null;
  for (let day = 0, turn = 0; ; day += 1) {
    if (day % rota.rotationDays !== 0) continue;
    const time = firstDay + day * DAY + rota.handOverMinute * MINUTE;
    // No clock here is further from UTC than its largest offset, and none has gone so far before that.
    let instant = time - Math.max(...rota.offsets.map(([, minutes]) => minutes)) * MINUTE;
    while (clock(instant) < time) instant += MINUTE;
    if (instant > at) return onDuty;
    onDuty = rota.agentIds[turn % rota.agentIds.length] ?? null;
    turn += 1;
  }
}

describe('turns', () => {
  // Around the days on which each of the zones changes its clocks, at minutes around which they do.
  const startDays = ['2026-03-01', '2026-03-08', '2026-03-28', '2026-03-29', '2026-04-04', '2026-09-27', '2026-10-24'];
  const anyRota = fc
    .record({
      zone: fc.constantFrom(...zones),
      startsOn: fc.constantFrom(...startDays),
      handOverMinute: fc.oneof(fc.integer({ min: 0, max: 1439 }), fc.integer({ min: 50, max: 240 })),
      rotationDays: fc.constantFrom(1, 2, 7, 14),
      agentIds: fc.constantFrom(['ada'], ['ada', 'bo'], ['ada', 'bo', 'cy']),
    })
    .map(rota);
  const anyRotaAndInstant = anyRota.chain((rota) => {
    const start = Date.parse(`${rota.startsOn}T00:00:00Z`);
    return fc.tuple(
      fc.constant(rota),
      fc.integer({ min: -2 * 1440, max: 36 * 1440 }).map((m) => start + m * MINUTE),
    );
  });

  test('are those of somebody who lives through them day by day', () => {
    fc.assert(
      fc.property(anyRotaAndInstant, ([rota, at]) => {
        expect(onCall(rota, at)).toBe(livedThrough(rota, at));
      }),
      { numRuns: 250 },
    );
  });

  test('end to the minute where those of somebody who lives through them end', () => {
    // Each minute of the night and morning on which the clocks of a zone change, handed over each day at 02:30 or so.
    const nights: [zone: string, startsOn: string, from: number][] = [
      ['Europe/Berlin', '2026-03-28', Date.UTC(2026, 2, 28, 22)],
      ['Europe/Berlin', '2026-10-24', Date.UTC(2026, 9, 24, 22)],
      ['America/New_York', '2026-10-31', Date.UTC(2026, 10, 1, 4)],
      ['Australia/Lord_Howe', '2026-04-04', Date.UTC(2026, 3, 4, 13)],
      ['Australia/Lord_Howe', '2026-10-03', Date.UTC(2026, 9, 3, 13)],
    ];
    for (const [zone, startsOn, from] of nights) {
      for (const handOverMinute of [60, 105, 119, 120, 150, 179, 180]) {
        const each = rota({ zone, startsOn, handOverMinute, rotationDays: 1 });
        for (let at = from; at < from + 6 * HOUR; at += 5 * MINUTE) {
          for (const instant of [at - 1, at]) {
            expect(onCall(each, instant), `${zone} ${handOverMinute} ${new Date(instant).toISOString()}`).toBe(
              livedThrough(each, instant),
            );
          }
        }
      }
    }
  });

  test('of a week are handed over at nine by the wall clock, in winter and in summer', () => {
    expect(onCall(rota(), Date.UTC(2026, 2, 23, 8) - 1)).toBe('cy');
    expect(onCall(rota(), Date.UTC(2026, 2, 23, 8))).toBe('ada');
    expect(onCall(rota(), Date.UTC(2026, 2, 30, 7) - 1)).toBe('ada');
    expect(onCall(rota(), Date.UTC(2026, 2, 30, 7))).toBe('bo');
  });

  test('are not undone in the hour that comes twice', () => {
    const daily = rota({ startsOn: '2026-10-24', handOverMinute: 150, rotationDays: 1 });
    const firstHalfPastTwo = Date.UTC(2026, 9, 25, 0, 30);
    expect(onCall(daily, firstHalfPastTwo - 1)).toBe('ada');
    expect([0, 29, 30, 59, 60, 180].map((minutes) => onCall(daily, firstHalfPastTwo + minutes * MINUTE))).toEqual(
      Array.from({ length: 6 }, () => 'bo'),
    );
  });

  test('begin when the clock jumps over their time', () => {
    const daily = rota({ startsOn: '2026-03-28', handOverMinute: 150, rotationDays: 1 });
    expect(onCall(daily, Date.UTC(2026, 2, 29, 1) - 1)).toBe('ada');
    expect(onCall(daily, Date.UTC(2026, 2, 29, 1))).toBe('bo');
  });

  test('have nobody before the first and nobody when nobody takes them', () => {
    expect(onCall(rota(), Date.UTC(2026, 2, 2, 8) - 1)).toBeNull();
    expect(onCall(rota(), Date.UTC(2026, 2, 2, 8))).toBe('ada');
    expect(onCall(rota({ agentIds: [] }), Date.UTC(2026, 2, 2, 8))).toBeNull();
  });
});

describe('overrides', () => {
  const at = Date.UTC(2026, 2, 4);

  test('hold from their first instant until before their last', () => {
    const swapped = rota({ overrides: [{ from: at, to: at + HOUR, agentId: 'dee' }] });
    expect([at - 1, at, at + HOUR - 1, at + HOUR].map((instant) => onCall(swapped, instant))).toEqual([
      'ada',
      'dee',
      'dee',
      'ada',
    ]);
  });

  test('that meet are settled by the last in the list, and nothing else counts', () => {
    const anyOverride = fc
      .tuple(fc.integer({ min: -5, max: 5 }), fc.integer({ min: 0, max: 5 }), fc.constantFrom('dee', 'eve', 'flo'))
      .map(([from, length, agentId]) => ({ from: at + from * HOUR, to: at + (from + length) * HOUR, agentId }));
    fc.assert(
      fc.property(fc.array(anyOverride, { maxLength: 5 }), (overrides) => {
        const standIns = overrides.filter(({ from, to }) => from <= at && at < to);
        expect(onCall(rota({ overrides }), at)).toBe(standIns.at(-1)?.agentId ?? 'ada');
      }),
    );
  });

  test('hold before the rota starts as well', () => {
    const early = rota({ startsOn: '2026-06-01', overrides: [{ from: at, to: at + HOUR, agentId: 'dee' }] });
    expect(onCall(early, at)).toBe('dee');
  });
});
