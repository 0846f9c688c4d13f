/**
 * The supervisor of everything that the launcher starts: it restarts what dies unexpectedly, and stops all in the reverse order
 * of start, so that nobody loses what it stands on.
 *
 * Does not promise that a restarted process finds its work again: that is the process's own affair. Ends only what it started.
 */
import { setTimeout as sleep } from 'node:timers/promises';
import { type Child, describe } from './child.ts';
import { type Entry, entryOf } from './claim.ts';

/** Starts one process and resolves once it is ready; must tell `onSpawn` of every process that it makes on the way. */
export type Launch<T extends Child> = (onSpawn: (child: Child) => void) => Promise<T>;

export type Supervision = {
  /** Prints one line. */
  say(line: string): void;
  /** Told of all children whenever they change, to be written down at once. */
  onChange(children: readonly Entry[]): void;
};

/** Thrown by `start` when the desk is being stopped. */
class Stopping extends Error {}

const SHORTEST_PAUSE_MS = 200;
const LONGEST_PAUSE_MS = 10_000;
const STEADY_MS = 30_000;

type Slot = { readonly name: string; child: Child | undefined; entry: Entry | undefined };

export class Processes {
  readonly #slots: Slot[] = [];
  readonly #supervision: Supervision;
  readonly #stop = new AbortController();
  #stopped: Promise<void> | undefined;

  constructor(supervision: Supervision) {
    this.#supervision = supervision;
  }

  get stopping(): boolean {
    return this.#stop.signal.aborted;
  }

  /** The pid of every child that runs, by name. */
  get pids(): Record<string, number> {
    const running = this.#slots.flatMap(({ name, child }): [string, number][] =>
      child === undefined ? [] : [[name, child.pid]],
    );
    return Object.fromEntries(running);
  }

  /**
   * Starts a process under this name and keeps it running until `stop`; resolves once it is ready the first time. A process
   * that fails at its first start is not tried again: the error says why.
   *
   * @example await processes.start('temporal', (onSpawn) => startTemporal({ ...options, onSpawn }));
   */
  async start<T extends Child>(name: string, launch: Launch<T>): Promise<T> {
    const slot: Slot = { name, child: undefined, entry: undefined };
    this.#slots.push(slot);
    const child = await this.#launch(slot, launch);
    this.#keep(slot, launch, child).catch((error: unknown) => {
      this.#supervision.say(`${name} is no longer watched: ${message(error)}`);
    });
    return child;
  }

  /** Stops every child, the youngest first; each gets ten seconds. May be called at any time, and more than once. */
  async stop(): Promise<void> {
    this.#stop.abort();
    this.#stopped ??= this.#stopAll();
    return this.#stopped;
  }

  async #stopAll(): Promise<void> {
    for (const slot of this.#slots.toReversed()) await slot.child?.stop();
  }

  async #launch<T extends Child>(slot: Slot, launch: Launch<T>): Promise<T> {
    if (this.stopping) throw new Stopping('The desk is being stopped.');
    const child = await launch((spawned) => {
      slot.child = spawned;
      void this.#watch(slot, spawned);
    });
    // Once more, because a wrapper script on PATH has by now become the program that it wraps.
    await this.#note(slot, child.pid);
    return child;
  }

  async #watch(slot: Slot, child: Child): Promise<void> {
    if (this.stopping) await child.stop();
    await this.#note(slot, child.pid);
    await child.exited;
    if (slot.child !== child) return;
    slot.child = undefined;
    slot.entry = undefined;
    this.#changed();
  }

  async #note(slot: Slot, pid: number): Promise<void> {
    const entry = await entryOf(slot.name, pid);
    if (slot.child?.pid !== pid) return;
    slot.entry = entry;
    this.#changed();
  }

  #changed(): void {
    this.#supervision.onChange(this.#slots.flatMap(({ entry }) => (entry === undefined ? [] : [entry])));
  }

  async #keep<T extends Child>(slot: Slot, launch: Launch<T>, first: T): Promise<void> {
    let child: T | undefined = first;
    let pause = SHORTEST_PAUSE_MS;
    for (;;) {
      const since = Date.now();
      const exit = await child?.exited;
      if (this.stopping) return;
      if (exit !== undefined)
        this.#supervision.say(`${slot.name} ended unexpectedly (${describe(exit)}); it is started again.`);
      if (Date.now() - since > STEADY_MS) pause = SHORTEST_PAUSE_MS;
      await sleep(pause, undefined, { signal: this.#stop.signal }).catch(() => undefined);
      pause = Math.min(pause * 2, LONGEST_PAUSE_MS);
      child = await this.#again(slot, launch);
    }
  }

  async #again<T extends Child>(slot: Slot, launch: Launch<T>): Promise<T | undefined> {
    try {
      const child = await this.#launch(slot, launch);
      this.#supervision.say(`${slot.name} runs again, pid ${child.pid}.`);
      return child;
    } catch (error) {
      if (!this.stopping)
        this.#supervision.say(`${slot.name} could not be started again and is tried once more: ${message(error)}`);
      return undefined;
    }
  }
}

function message(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
