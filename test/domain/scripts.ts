/** Tickets in the state that a test needs, and scripts of commands in any order. */
import fc from 'fast-check';
import { agenda } from '../../domain/agenda.ts';
import type { Command, CompleteTriage, ReceiveMessage } from '../../domain/commands.ts';
import { decide } from '../../domain/decide.ts';
import { answerId, type Effect } from '../../domain/effects.ts';
import { isRefusal, type Outcome } from '../../domain/outcome.ts';
import type { SlaPolicy } from '../../domain/sla.ts';
import { STATUSES } from '../../domain/status.ts';
import { blankTicket, DRAFT_DECISIONS, PRIORITIES, type Priority, type Ticket } from '../../domain/ticket.ts';

const HOUR = 3_600_000;

export const POLICY: SlaPolicy = {
  id: 'standard',
  firstResponse: { urgent: HOUR / 2, high: 2 * HOUR, normal: 8 * HOUR, low: 24 * HOUR },
  warnShare: 0.75,
};

export function arrival(messageId: string, writtenAt: number, over: Partial<ReceiveMessage> = {}): ReceiveMessage {
  return {
    type: 'receiveMessage',
    id: `inbox:${messageId}`,
    requestId: 'request',
    messageId,
    textId: `text-of-${messageId}`,
    customerId: 'grace',
    customerTier: null,
    channel: 'front',
    conversationId: 'cnv_1',
    writtenAt,
    priority: null,
    policy: POLICY,
    followUpOf: null,
    inboxId: null,
    ...over,
  };
}

/** A ticket whose first message has arrived at `at`. */
export function started(at: number, over: Partial<ReceiveMessage> = {}): Ticket {
  const decision = decide(blankTicket('t', 1001), arrival('m1', at, over), at);
  if (isRefusal(decision)) throw new Error(decision.detail);
  return decision.ticket;
}

export function triageAnswer(priority: Priority): CompleteTriage {
  return {
    type: 'completeTriage',
    id: '',
    effectId: '',
    triage: {
      category: 'billing',
      severity: 'sev3',
      priority,
      sentiment: 'neutral',
      language: 'en',
      confidence: 0.9,
      summaryTextId: 'summary',
      engine: 'heuristic',
    },
  };
}

type Answer = Extract<Command, { effectId: string }>;

/** The outcome of `answer` for the effect of `kind` that `ticket` owes. */
export function settleEffect(ticket: Ticket, kind: Effect['kind'], answer: Answer, at: number): Outcome {
  const effect = ticket.effects.find((one) => one.kind === kind);
  if (effect === undefined) throw new Error(`The ticket owes no ${kind}.`);
  const decision = decide(ticket, { ...answer, id: answerId(effect), effectId: effect.id }, at);
  if (isRefusal(decision)) throw new Error(decision.detail);
  return decision;
}

/** One step of a script: what is tried next, and how much time passes before. */
export interface Step {
  kind: 'message' | 'answer' | 'decide' | 'reply' | 'status' | 'agenda';
  pick: number;
  wait: number;
}

export const anyScript: fc.Arbitrary<Step[]> = fc.array(
  fc.record({
    kind: fc.constantFrom('message', 'answer', 'answer', 'decide', 'reply', 'status', 'agenda'),
    pick: fc.nat({ max: 40 }),
    wait: fc.nat({ max: 10 * HOUR }),
  }),
  { maxLength: 40 },
);

export interface Played {
  before: Ticket;
  command: Command;
  at: number;
  outcome: Outcome;
}

/** Plays `script` from a blank ticket: the steps that changed something, each with the ticket before it. */
export function play(script: readonly Step[], start: number): Played[] {
  const played: Played[] = [];
  let ticket = blankTicket('t', 1001);
  let at = start;
  for (const [index, step] of [{ kind: 'message', pick: 0, wait: 0 } as const, ...script].entries()) {
    at += step.wait;
    const command = commandOf(step, ticket, index, at);
    if (command === undefined) continue;
    const outcome = decide(ticket, command, at);
    if (isRefusal(outcome) || outcome.events.length === 0) continue;
    played.push({ before: ticket, command, at, outcome });
    ticket = outcome.ticket;
  }
  return played;
}

function commandOf(step: Step, ticket: Ticket, index: number, at: number): Command | undefined {
  const by = { kind: 'agent', id: `agent-${step.pick % 3}` } as const;
  const id = `c${index}`;
  switch (step.kind) {
    case 'message':
      return arrival(`m${index}`, at - step.pick * 1000);
    case 'answer': {
      const effect = ticket.effects[step.pick % Math.max(1, ticket.effects.length)];
      return effect && answerTo(effect, step.pick);
    }
    case 'decide': {
      const decision = DRAFT_DECISIONS[step.pick % 3] ?? 'approve';
      const draftId = ticket.draft?.id ?? ticket.decidedDrafts[0]?.id ?? 'none';
      return {
        type: 'decideDraft',
        requestId: 'request',
        id,
        draftId,
        decision,
        messageId: `r${index}`,
        textId: 'edited',
        by,
      };
    }
    case 'reply':
      return { type: 'reply', requestId: 'request', id, messageId: `r${index}`, textId: 'words', by };
    case 'status':
      return {
        type: 'setStatus',
        requestId: 'request',
        id,
        status: STATUSES[step.pick % STATUSES.length] ?? 'open',
        reasonTextId: null,
        by,
      };
    case 'agenda':
      return agenda(ticket)[0]?.command;
  }
}

function answerTo(effect: Effect, pick: number): Command {
  const base = { id: answerId(effect), effectId: effect.id };
  switch (effect.kind) {
    case 'triage':
      return { ...triageAnswer(PRIORITIES[pick % 4] ?? 'normal'), ...base };
    case 'draft':
      return {
        type: 'proposeDraft',
        ...base,
        draftId: `d-${effect.messageId}`,
        messageId: effect.messageId,
        textId: 'draft',
        engine: 'model',
        confidence: 1,
      };
    case 'send':
      return pick % 2 === 0
        ? { type: 'completeSend', ...base, externalId: 'msg_1' }
        : { type: 'failSend', ...base, reasonTextId: 'why' };
    case 'page':
      return { type: 'completePage', ...base, to: pick % 2 === 0 ? 'slack' : null };
  }
}
