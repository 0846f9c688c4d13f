/** The steps of a sample ticket's script, each as the call that a person's click would make. */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';
import { SUPPORT_TYPES } from '../../db/support-types.ts';
import type { Seen } from './board.ts';
import type { SampleTicket } from './plan.ts';
import type { Step } from './scripts.ts';
import { call, Refused, type Session } from './session.ts';
import type { Stage } from './stage.ts';

/** How often a draft that is still being written is looked for, a second apart. */
const DRAFT_LOOKS = 6;
const HOUR = 3_600_000;

const createdSchema = z.object({ id: z.string() });
const draftsSchema = z.object({ items: z.array(z.object({ id: z.string(), state: z.string() })) });

/** Lets the customer write; answers the ticket's id, or the name of its conversation where the desk opens the ticket later. */
export async function arrive({ front, desk }: Stage, ticket: SampleTicket): Promise<string> {
  const { key, customer, subject, body, type, customFields, tags } = ticket;
  if (ticket.channel === 'front') return write(front, ticket, body);
  const requester = { email: customer.email, name: customer.name };
  const form = { subject, body, requester, supportType: type, customFields, tags };
  return createdSchema.parse(await desk.ask('POST', '/api/v1/tickets', form, `sample-${key}`)).id;
}

/** Plays the ticket's steps one after the other; where the desk has moved on (409), a step is left out. */
export async function act(stage: Stage, ticket: SampleTicket): Promise<void> {
  for (const [index, step] of ticket.steps.entries()) {
    const seen = stage.find(ticket.key);
    if (seen === undefined) throw new Error(`The sample lost sight of its ticket ${ticket.key}.`);
    try {
      await take(step, { stage, ticket, agent: whoActs(stage, seen), seen, key: `sample-${ticket.key}-${index}` });
    } catch (error) {
      if (!(error instanceof Refused) || error.status !== 409) throw error;
    }
  }
}

/** Whoever has the ticket, else one of the agents, the same each time. */
function whoActs({ agents }: Stage, { assignee, subject }: Seen): Session {
  const agent = agents.find(({ userId }) => userId === assignee?.id) ?? agents[subject.length % agents.length];
  if (agent === undefined) throw new Error('The sample has no agents.');
  return agent;
}

interface Scene {
  stage: Stage;
  ticket: SampleTicket;
  agent: Session;
  seen: Seen;
  /** Names the command. */
  key: string;
}

async function take(step: Step, scene: Scene): Promise<void> {
  const { stage, ticket, agent, seen } = scene;
  switch (step.do) {
    case 'take':
      return ask(scene, 'POST', 'assign', { agentId: agent.userId });
    case 'change': {
      const { do: _, ...changes } = step;
      return ask(scene, 'PATCH', '', changes);
    }
    case 'note':
      return ask(scene, 'POST', 'notes', { body: step.body });
    case 'answer':
      await answer(step, scene);
      await stage.until(() => stage.find(ticket.key)?.firstResponseAt !== null);
      return;
    case 'status': {
      const reason = step.status === 'resolved' ? reasonFor(seen, ticket) : step.reason;
      return ask(scene, 'POST', 'status', { status: step.status, ...(reason !== null && { reason }) });
    }
    case 'snooze': {
      const until = step.hours === null ? null : new Date(Date.now() + step.hours * HOUR).toISOString();
      return ask(scene, 'POST', 'snooze', { until });
    }
    case 'write':
      await stage.inTurn(() => write(stage.front, ticket, step.body));
      return;
    case 'acknowledge':
      await stage.until(() => stage.find(ticket.key)?.escalation !== null);
      return ask(scene, 'POST', 'escalation/acknowledge', {});
    case 'merge': {
      const { id } = await stage.until(() => stage.find(step.into));
      return ask(scene, 'POST', 'merge', { into: id });
    }
  }
}

async function ask({ stage, agent, seen, key }: Scene, method: string, what: string, body: object): Promise<void> {
  const path = `/api/v1/tickets/${seen.id}${what === '' ? '' : `/${what}`}`;
  await stage.inTurn(() => agent.ask(method, path, body, key));
}

/** Sends the draft where one is wanted and there, else the agent's own words. */
async function answer(step: Extract<Step, { do: 'answer' }>, scene: Scene): Promise<void> {
  const draftId = step.draft ? await waitingDraft(scene) : undefined;
  if (draftId === undefined) return ask(scene, 'POST', 'messages', { body: step.body });
  return ask(scene, 'POST', `drafts/${draftId}/decision`, { decision: 'approve' });
}

async function waitingDraft({ stage, agent, seen }: Scene): Promise<string | undefined> {
  if (SUPPORT_TYPES.find(({ id }) => id === seen.supportType)?.autonomy === 'off') return undefined;
  for (let looked = 1; ; looked += 1) {
    const answer = await stage.inTurn(() => agent.ask('GET', `/api/v1/tickets/${seen.id}/drafts`));
    const draft = draftsSchema.parse(answer).items.find(({ state }) => state === 'proposed');
    if (draft !== undefined || looked === DRAFT_LOOKS) return draft?.id;
    await wait(1_000);
  }
}

/** One of the reasons of the type that the ticket has by now, the same each time. */
function reasonFor({ supportType }: Seen, { subject }: SampleTicket): string | null {
  const reasons = SUPPORT_TYPES.find(({ id }) => id === supportType)?.resolutionReasons ?? [];
  return reasons[subject.length % Math.max(1, reasons.length)] ?? null;
}

/** A mail of the customer's arrives at Front, which tells the desk. */
async function write(front: string, { key, customer, subject, ago }: SampleTicket, body: string): Promise<string> {
  const conversationId = `cnv_${key}`;
  const from = { email: customer.email, name: customer.name };
  const emittedAt = new Date(Date.now() - ago * 60_000).toISOString();
  await call(`${front}/_sim/events`, 'POST', { conversationId, subject, body, from, emittedAt });
  return conversationId;
}
