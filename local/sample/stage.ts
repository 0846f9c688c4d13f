/**
 * What the sample's scripts share: a few calls at once, one look at the desk's tickets for all of them, and a time that is
 * up at the end, or when the desk is being stopped.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { type Board, createBoard, type Seen } from './board.ts';
import type { SampleTicket } from './plan.ts';
import type { Session } from './session.ts';

const LOOK_MS = 2_000;
const WAIT_MS = 250;
/** How many calls are under way at once. */
const AT_ONCE = 4;

/** Who plays, and where. */
export interface Cast {
  /** The address of Front's simulator. */
  front: string;
  /** Opens tickets by API, and looks on. */
  desk: Pick<Session, 'ask'>;
  agents: readonly Session[];
}

/** Thrown to leave a script when no time is left. */
export class TimeIsUp extends Error {}

export interface Stage extends Cast {
  isOver(): boolean;
  /** Does `work` as soon as few enough others are at it; throws {@link TimeIsUp}. */
  inTurn<T>(work: () => Promise<T>): Promise<T>;
  /** Waits until `look` finds something, and answers it; throws {@link TimeIsUp}. */
  until<T>(look: () => T | undefined | false): Promise<T>;
  /** Says under which name the desk knows the plan's ticket: its id, or its conversation's. */
  named(key: string, name: string): void;
  /** The plan's ticket as it was last seen; undefined when it is not there yet. */
  find(key: SampleTicket['key']): Seen | undefined;
  /** Looks at the tickets every two seconds until the stage is closed; rejects when the desk cannot be asked any more. */
  watch(): Promise<void>;
  close(): void;
}

/** Opens the stage for `cast`, for at most `lastsMs` and until `ended` says so. */
export function openStage(cast: Cast, lastsMs: number, ended: () => boolean): Stage {
  const board: Board = createBoard(cast.desk);
  const names = new Map<string, string>();
  const until = Date.now() + lastsMs;
  const enter = gate(AT_ONCE);
  let closed = false;
  const isOver = () => closed || ended() || Date.now() > until;
  return {
    ...cast,
    isOver,
    inTurn: (work) =>
      enter(() => {
        if (isOver()) throw new TimeIsUp();
        return work();
      }),
    async until(look) {
      for (;;) {
        const found = look();
        if (found !== undefined && found !== false) return found;
        if (isOver()) throw new TimeIsUp();
        await wait(WAIT_MS);
      }
    },
    named: (key, name) => void names.set(key, name),
    find: (key) => board.find(names.get(key) ?? ''),
    async watch() {
      while (!isOver()) {
        await board.look();
        await wait(LOOK_MS);
      }
    },
    close() {
      closed = true;
    },
  };
}

/** Lets `width` pieces of work run at once; the others wait in line. */
function gate(width: number): <T>(work: () => Promise<T>) => Promise<T> {
  let free = width;
  const line: (() => void)[] = [];
  return async (work) => {
    if (free > 0) free -= 1;
    else await new Promise<void>((resolve) => line.push(resolve));
    try {
      return await work();
    } finally {
      const next = line.shift();
      if (next === undefined) free += 1;
      else next();
    }
  };
}
