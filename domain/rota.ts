/**
 * Who is on call: agents take turns of so many days, handed over at a local time of day, with overrides for holidays and
 * swaps. Pure: the zone's offsets are part of the rota, so that no machine's own table of zones decides.
 *
 * Does not promise that whoever is on call is awake, or still works here: paging finds out.
 */
export interface Rota {
  id: string;
  name: string;
  /** IANA name; for showing: `offsets` decides. */
  zone: string;
  /** UTC offset in minutes from each instant (ms) on, in order; the first also holds before. */
  offsets: readonly (readonly [from: number, minutes: number])[];
  /** Local date of the first hand-over, such as `2026-11-02`; nobody is on call before it. */
  startsOn: string;
  /** Minutes from local midnight. */
  handOverMinute: number;
  /** How long a turn is; 7 is weekly. */
  rotationDays: number;
  /** In the order of their turns. */
  agentIds: readonly string[];
  /** Who stands in from `from` until before `to` (ms); where several do, the last in the list. */
  overrides: readonly { from: number; to: number; agentId: string }[];
}

const MINUTE = 60_000;
const DAY = 24 * 60 * MINUTE;

/**
 * The id of the agent who is on call at the instant `at` (milliseconds since 1970), or null: before the rota starts, or when
 * nobody is in it.
 *
 * A hand-over takes place the first time that the local clock reads its time, and where daylight saving skips that time, when
 * the clock jumps over it. So turns never go back, and one of a week may have an hour more or less.
 */
export function onCall(rota: Rota, at: number): string | null {
  const override = rota.overrides.findLast(({ from, to }) => from <= at && at < to);
  if (override !== undefined) return override.agentId;
  const firstHandOver = Date.parse(`${rota.startsOn}T00:00:00Z`) + rota.handOverMinute * MINUTE;
  const turn = Math.floor((furthestReading(rota, at) - firstHandOver) / (rota.rotationDays * DAY));
  return turn < 0 ? null : (rota.agentIds[turn % rota.agentIds.length] ?? null);
}

/**
 * The latest that the local clock has read until `at`, as if it were UTC (ms). It is ahead of the clock itself in the hour
 * that daylight saving repeats, in which a hand-over would otherwise be undone and come a second time.
 */
function furthestReading({ offsets }: Rota, at: number): number {
  let minutes = offsets[0]?.[1] ?? 0;
  let furthest = -Infinity;
  for (const [from, next] of offsets.slice(1)) {
    if (from > at) break;
    // The reading at the change itself was not reached by the old offset, only everything before it.
    furthest = Math.max(furthest, from + minutes * MINUTE - 1);
    minutes = next;
  }
  return Math.max(furthest, at + minutes * MINUTE);
}
