/**
 * Plays the sample's plan on a desk: the letters come one by one, and the agents do what the scripts say, all by signed
 * webhook and HTTP. Paced, so that the desk stays quick for whoever looks at it meanwhile.
 *
 * Ends early when the desk is being stopped, or when its time is up. Does not promise that each script is played to its
 * end: one that fails ends there, and the others go on.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { inspect } from 'node:util';
import { act, arrive } from './acting.ts';
import type { SampleTicket } from './plan.ts';
import { type Cast, openStage, type Stage, TimeIsUp } from './stage.ts';

/** A letter in this many milliseconds: below eight a second. */
const PACE_MS = 150;
/** No further letter comes while this many are not triaged yet; a slow machine sets its own pace. */
const UNTRIAGED = 24;
const LETTERS_COME_MS = 60_000;
const LASTS_MS = 85_000;

/** What became of the plan, counted in tickets; `fault` is why the first script broke off, where one did. */
export interface Played {
  arrived: number;
  triaged: number;
  finished: number;
  fault: string | undefined;
}

/** Plays `tickets` in their order until `ended` says so; resolves when every script has ended, and never rejects. */
export async function playCrowd(cast: Cast, tickets: readonly SampleTicket[], ended: () => boolean): Promise<Played> {
  const played: Played = { arrived: 0, triaged: 0, finished: 0, fault: undefined };
  const stage = openStage(cast, LASTS_MS, ended);
  const note = (error: unknown) => {
    if (!(error instanceof TimeIsUp)) played.fault ??= error instanceof Error ? error.message : inspect(error);
  };
  const watching = stage.watch().catch((error: unknown) => {
    note(error);
    stage.close();
  });
  const scripts: Promise<void>[] = [];
  const last = Date.now() + LETTERS_COME_MS;
  for (const ticket of tickets) {
    while (scripts.length - played.triaged >= UNTRIAGED && Date.now() < last && !stage.isOver()) await wait(PACE_MS);
    if (Date.now() >= last || stage.isOver()) break;
    scripts.push(play(stage, ticket, played).catch(note));
    await wait(PACE_MS);
  }
  await Promise.all(scripts);
  stage.close();
  await watching;
  return played;
}

async function play(stage: Stage, ticket: SampleTicket, played: Played): Promise<void> {
  const name = await stage.inTurn(() => arrive(stage, ticket));
  stage.named(ticket.key, name);
  played.arrived += 1;
  await stage.until(() => !['new', 'triaging', undefined].includes(stage.find(ticket.key)?.status));
  played.triaged += 1;
  await act(stage, ticket);
  played.finished += 1;
}
