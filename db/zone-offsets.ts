/**
 * The offset changes of a time zone, compiled from this Node's own zone data, so that what runs in workflows needs none.
 *
 * Does not promise seconds: offsets of the time before standard zones are rounded to minutes. Nor does it see two changes
 * within a week when the second undoes the first; no zone has had that since offsets are kept in law.
 */
const MINUTE = 60_000;
const WEEK = 7 * 24 * 60 * MINUTE;

/**
 * The offsets from UTC, in minutes, that `zone` (an IANA name) has from `from` to `to` (milliseconds): the one at `from`
 * first, then each change with the instant from which it holds. Throws for an unknown zone.
 * @example offsetsOf('Asia/Kathmandu', Date.UTC(2026, 0, 1), Date.UTC(2027, 0, 1)); // [[1767225600000, 345]]
 */
export function offsetsOf(zone: string, from: number, to: number): [from: number, minutes: number][] {
  const offsetAt = offsetReader(zone);
  const offsets: [number, number][] = [[from, offsetAt(from)]];
  let at = from;
  let offset = offsetAt(from);
  while (at < to) {
    const ahead = Math.min(at + WEEK, to);
    if (offsetAt(ahead) === offset) {
      at = ahead;
      continue;
    }
    at = firstChange(offsetAt, at, ahead);
    offset = offsetAt(at);
    offsets.push([at, offset]);
  }
  return offsets;
}

/** The instant in (from, to] at which the offset stops being that of `from`; the two ends differ. */
function firstChange(offsetAt: (instant: number) => number, from: number, to: number): number {
  const offset = offsetAt(from);
  let before = from;
  let after = to;
  while (after - before > 1) {
    const middle = Math.floor((before + after) / 2);
    if (offsetAt(middle) === offset) before = middle;
    else after = middle;
  }
  return after;
}

function offsetReader(zone: string): (instant: number) => number {
  const format = formatFor(zone);
  return (instant) => {
    const name = format.formatToParts(instant).find((part) => part.type === 'timeZoneName')?.value ?? '';
    return minutesOf(name);
  };
}

function formatFor(zone: string): Intl.DateTimeFormat {
  try {
    return new Intl.DateTimeFormat('en-US', { timeZone: zone, timeZoneName: 'longOffset' });
  } catch (cause) {
    throw new Error(`Time zone "${zone}" is unknown; name one of the IANA list, such as "Europe/Berlin".`, { cause });
  }
}

/** `GMT+05:45` → 345; the zone of Greenwich itself is written `GMT`. */
function minutesOf(name: string): number {
  const match = /^GMT(?:([+-])(\d{2}):(\d{2})(?::(\d{2}))?)?$/.exec(name);
  if (match === null) throw new Error(`Node wrote the UTC offset "${name}", which does not read as GMT±hh:mm.`);
  const [, sign, hours = '0', minutes = '0', seconds = '0'] = match;
  const size = Number(hours) * 60 + Number(minutes) + Math.round(Number(seconds) / 60);
  return sign === '-' ? -size : size;
}
