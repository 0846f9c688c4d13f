/**
 * The first start shows what the desk is: five customers write and their story is told, and sixty others fill the desk in
 * the background. Everything goes the way that it goes in earnest: signed webhooks in, HTTP commands, the real workflows.
 *
 * It shows a desk that has no ticket yet, for a minute and a half at most. Does not promise a tour.
 */
import { z } from 'zod';
import type { Desk } from './desk.ts';
import { type Played, playCrowd } from './sample/crowd.ts';
import { planOf } from './sample/plan.ts';
import { type Session, signIn, withKey } from './sample/session.ts';
import { setUp } from './sample/setting-up.ts';
import { tellStory, writeStory } from './sample/story.ts';

const listSchema = z.object({ items: z.array(z.unknown()) });

/** Plays the sample on a desk without tickets, and tells what happens; resolves when all of it is told. */
export async function playSample(desk: Desk, say: (line: string) => void, ended: () => boolean): Promise<void> {
  const { front, slack, openai } = desk.simulators;
  // Nothing made up goes to a vendor's real account.
  if (front === undefined || slack === undefined || openai === undefined) return;
  const owner = withKey(desk.api, desk.apiKey);
  const { items } = listSchema.parse(await owner.ask('GET', '/api/v1/tickets?limit=1'));
  if (items.length > 0) return;

  const ada = await signInAs(desk, 'ada');
  const agents = [ada, await signInAs(desk, 'ben'), await signInAs(desk, 'cho')];
  await setUp({ desk: owner, agents });
  say('\nA first look: five customers write, and the desk does its part; sixty others write meanwhile.\n');
  await writeStory(front);
  const plan = planOf();
  const [played] = await Promise.all([
    playCrowd({ front, desk: owner, agents }, plan, ended),
    tellStory(ada, { say, ended }),
  ]);
  if (!ended()) say(`\n${summaryOf(played, plan.length)} What comes next is up to you.\n`);
}

async function signInAs({ api, logins }: Desk, mailbox: string): Promise<Session> {
  const login = logins.find(({ email }) => email.startsWith(`${mailbox}@`));
  if (login === undefined) throw new Error(`The sample needs the agent ${mailbox}, who is not at this desk.`);
  return signIn(api, login);
}

function summaryOf({ arrived, finished, fault }: Played, planned: number): string {
  const came = `${arrived} further tickets stand on the desk, in every state that a ticket can be in.`;
  if (fault !== undefined) return `${came} ${arrived - finished} stopped half-way; the first said: ${fault}`;
  return finished === planned ? came : `${came} The time was up for the rest of the sample.`;
}
