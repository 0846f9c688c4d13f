/**
 * Effects as activities beside the loop. Each runs on its own queue with its own patience, and its answer comes back as a
 * command. An effect that the ticket no longer asks for is cancelled.
 */
import { CancellationScope, isCancellation, proxyActivities, workflowInfo } from '@temporalio/workflow';
import type { AiActivities } from '../activities/ai.ts';
import type { ChannelActivities } from '../activities/channels.ts';
import type { SlackActivities } from '../activities/slack.ts';
import type { Command } from '../domain/commands.ts';
import { answerId, type Effect } from '../domain/effects.ts';
import type { Ticket } from '../domain/ticket.ts';
import { type Queue, queueName } from './ticket-messages.ts';

/** After this long without acceptance a reply has failed, and a person is told. */
const SEND_PATIENCE = '1 day';
/** After this long without Slack taking it a page has reached nobody. */
const PAGE_PATIENCE = '1 hour';

export interface Effects {
  /** Starts what `ticket` asks for and is not under way; cancels what it asks for no longer. */
  follow(ticket: Ticket): void;
  idle(): boolean;
}

/** The effects of the ticket `ticketId`; `answer` takes each answer as a command. */
export function createEffects(ticketId: string, answer: (command: Command) => void): Effects {
  // An effect whose answer is in the line has no scope any more: cancelling what is over costs a stack trace.
  const running = new Map<string, CancellationScope | null>();

  function start(effect: Effect): void {
    const scope = new CancellationScope();
    running.set(effect.id, scope);
    scope
      .run(async () => {
        const command = await perform(ticketId, effect);
        if (running.has(effect.id)) running.set(effect.id, null);
        answer(command);
      })
      .catch((error: unknown) => {
        // Let go because the ticket moved on; every other failure is a fault of ours and fails the workflow task loudly.
        if (!isCancellation(error)) throw error;
      });
  }

  return {
    follow(ticket) {
      const wanted = new Set(ticket.effects.map((effect) => effect.id));
      for (const [id, scope] of running) {
        if (wanted.has(id)) continue;
        scope?.cancel();
        running.delete(id);
      }
      for (const effect of ticket.effects) {
        if (!running.has(effect.id)) start(effect);
      }
    },
    idle: () => running.size === 0,
  };
}

async function perform(ticketId: string, effect: Effect): Promise<Command> {
  const id = answerId(effect);
  const { id: effectId, requestId } = effect;
  switch (effect.kind) {
    case 'triage': {
      const triage = await ai('Triage the first message').triage({
        ticketId,
        effectId,
        requestId,
        messageId: effect.messageId,
      });
      return { type: 'completeTriage', id, effectId, triage };
    }
    case 'draft': {
      const draft = await ai('Draft an answer').draft({ ticketId, effectId, requestId, messageId: effect.messageId });
      return { type: 'proposeDraft', id, effectId, messageId: effect.messageId, ...draft };
    }
    case 'send':
      return send(ticketId, effect);
    case 'page':
      return page(ticketId, effect);
  }
}

async function send(ticketId: string, effect: Extract<Effect, { kind: 'send' }>): Promise<Command> {
  const id = answerId(effect);
  const { id: effectId, requestId, messageId, textId } = effect;
  try {
    const sent = await channels('Send the reply').send({ ticketId, requestId, messageId, textId });
    if (sent.accepted) return { type: 'completeSend', id, effectId, externalId: sent.externalId };
    return { type: 'failSend', id, effectId, reasonTextId: sent.reasonTextId };
  } catch (error) {
    if (isCancellation(error)) throw error;
    // Only patience running out ends here; whether the vendor has it after all cannot be known, so a person decides.
    return { type: 'failSend', id, effectId, reasonTextId: null };
  }
}

async function page(ticketId: string, effect: Extract<Effect, { kind: 'page' }>): Promise<Command> {
  const { id: effectId, requestId, dueAt } = effect;
  const id = answerId(effect);
  try {
    const { to } = await slack('Escalate: first response is late').page({ ticketId, effectId, requestId, dueAt });
    return { type: 'completePage', id, effectId, to };
  } catch (error) {
    if (isCancellation(error)) throw error;
    // A page that reaches nobody is on the timeline, where somebody may see it.
    return { type: 'completePage', id, effectId, to: null };
  }
}

/** Quick to notice a worker that died: activities beat every two seconds. */
const BEAT = { heartbeatTimeout: '8s', retry: { initialInterval: '1s', maximumInterval: '1 minute' } } as const;

function ai(summary: string) {
  return proxyActivities<AiActivities>({ ...BEAT, taskQueue: queue('ai'), startToCloseTimeout: '1 minute', summary });
}

function channels(summary: string) {
  return proxyActivities<ChannelActivities>({
    ...BEAT,
    taskQueue: queue('integrations'),
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: SEND_PATIENCE,
    summary,
  });
}

function slack(summary: string) {
  return proxyActivities<SlackActivities>({
    ...BEAT,
    taskQueue: queue('slack'),
    startToCloseTimeout: '30s',
    scheduleToCloseTimeout: PAGE_PATIENCE,
    // A page goes before the cards that wait for Slack's one message a second.
    priority: { priorityKey: 1 },
    summary,
  });
}

/** The sibling of this workflow's own queue: the prefix is read off its name. */
export function queue(name: Queue): string {
  const own = workflowInfo().taskQueue;
  return queueName(own.slice(0, -'-tickets'.length), name);
}
