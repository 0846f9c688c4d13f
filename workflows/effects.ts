/**
 * Effects as activities beside the loop. Each runs on its own queue with its own patience, and its answer comes back as a
 * command. An effect that the ticket no longer asks for is cancelled.
 */
import {
  CancellationScope,
  getExternalWorkflowHandle,
  isCancellation,
  log,
  proxyActivities,
  proxyLocalActivities,
  workflowInfo,
} from '@temporalio/workflow';
import type { AiActivities } from '../activities/ai.ts';
import type { ChannelActivities } from '../activities/channels.ts';
import type { AskedToPage, PageActivities } from '../activities/pages.ts';
import type { SettingsActivities } from '../activities/settings.ts';
import type { Command } from '../domain/commands.ts';
import { answerId, type Effect } from '../domain/effects.ts';
import { TARGET_NAMES } from '../domain/sla-policy.ts';
import type { Ticket } from '../domain/ticket.ts';
import { absorb, type Queue, queueName, ticketWorkflowId } from './ticket-messages.ts';

const { lookUp } = proxyLocalActivities<SettingsActivities>({
  startToCloseTimeout: '10s',
  retry: { initialInterval: '100ms', maximumInterval: '5s' },
});

/** After this long without acceptance a reply has failed, and a person is told. */
const SEND_PATIENCE = '1 day';
/** Two minutes, about: after these tries a page has reached nobody, and the ladder goes on. */
const PAGE_RETRY = { initialInterval: '1s', maximumInterval: '30s', maximumAttempts: 8 } as const;
/**
 * The patience above counts tries, not time: a page that waits in line behind others, or for a worker that is down, has
 * reached nobody yet, but is no reason to wake the next ones. After this long it is.
 */
const PAGE_LINE = '1 hour';

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
      const { messageId } = effect;
      const triaged = await ai('Triage the first message').triage({ ticketId, effectId, requestId, messageId });
      return { type: 'completeTriage', id, effectId, ...triaged };
    }
    case 'draft': {
      const { messageId, draftId } = effect;
      const asked = { ticketId, effectId, requestId, messageId, ...(draftId !== undefined && { draftId }) };
      const draft = await ai(draftId === undefined ? 'Draft an answer' : 'Draft another answer').draft(asked);
      return { type: 'proposeDraft', id, effectId, messageId, ...draft };
    }
    case 'send':
      return send(ticketId, effect);
    case 'page':
      return page(ticketId, effect);
    case 'settings': {
      const settings = await lookUp({ ticketId });
      return { type: 'applySettings', id, effectId, ...settings };
    }
    case 'tell':
      await tellOther(ticketId, effect);
      return { type: 'completeEffect', id, effectId };
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

/** In Slack and by PagerDuty side by side, so that the one being down holds up nobody whom the other reaches. */
async function page(ticketId: string, effect: Extract<Effect, { kind: 'page' }>): Promise<Command> {
  const { kind: _, id: effectId, ...asked } = effect;
  const id = answerId(effect);
  const byPagerduty = asked.page.some(({ kind }) => kind === 'pagerDuty');
  const inSlack = asked.page.some(({ kind }) => kind !== 'pagerDuty');
  const summary = `Escalate, step ${asked.step + 1}: ${TARGET_NAMES[asked.target]} is late`;
  const page: AskedToPage = { ticketId, effectId, ...asked };
  const to = await Promise.all([
    inSlack ? reachedBy(slackPages(summary).pageInSlack(page)) : [],
    byPagerduty ? reachedBy(pagerdutyPages(summary).pageInPagerduty(page)) : [],
  ]);
  return { type: 'completePage', id, effectId, to: to.flat() };
}

/** A page that reaches nobody is on the timeline, where somebody may see it. */
async function reachedBy(paging: Promise<{ to: string[] }>): Promise<string[]> {
  try {
    return (await paging).to;
  } catch (error) {
    if (isCancellation(error)) throw error;
    return [];
  }
}

/** The other ticket may have ended; then nobody is left to hear it. */
async function tellOther(ticketId: string, effect: Extract<Effect, { kind: 'tell' }>): Promise<void> {
  const { fromNumber, released, by } = effect;
  const told = { type: 'absorb', id: `${effect.id}:${ticketId}`, from: ticketId, fromNumber, released, by } as const;
  try {
    await getExternalWorkflowHandle(ticketWorkflowId(effect.ticketId)).signal(absorb, told);
  } catch (error) {
    if (isCancellation(error)) throw error;
    log.info('The other ticket has ended and is not told.');
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

/** A page goes before what waits in the same line, such as the cards for Slack's one message a second. */
const PAGE = {
  ...BEAT,
  retry: PAGE_RETRY,
  startToCloseTimeout: '30s',
  scheduleToCloseTimeout: PAGE_LINE,
  priority: { priorityKey: 1 },
} as const;

function slackPages(summary: string) {
  return proxyActivities<Pick<PageActivities, 'pageInSlack'>>({ ...PAGE, taskQueue: queue('slack'), summary });
}

function pagerdutyPages(summary: string) {
  const taskQueue = queue('integrations');
  return proxyActivities<Pick<PageActivities, 'pageInPagerduty'>>({ ...PAGE, taskQueue, summary });
}

/** The sibling of this workflow's own queue: the prefix is read off its name. */
export function queue(name: Queue): string {
  const own = workflowInfo().taskQueue;
  return queueName(own.slice(0, -'-tickets'.length), name);
}
