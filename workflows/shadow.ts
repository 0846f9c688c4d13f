/**
 * A shadow of a ticket: the same state and the same policy, left alone until an instant. It follows its agenda by Temporal's
 * timers, asks the same `decide`, and keeps what it met.
 *
 * It runs no activity and signals nobody, so nothing real changes and no vendor is called: what a ticket would ask of one
 * is answered at once, or dropped. It does not promise what people, customers or changed settings will do meanwhile, and
 * nobody is handed the ticket in it. Each moment is judged at its very instant: a shadow is never late.
 */
import { ApplicationFailure, sleep } from '@temporalio/workflow';
import { agenda } from '../domain/agenda.ts';
import type { Command } from '../domain/commands.ts';
import { decide } from '../domain/decide.ts';
import { answerId, type Effect } from '../domain/effects.ts';
import { isRefusal } from '../domain/outcome.ts';
import type { Pagee } from '../domain/sla-policy.ts';
import { referenceOf } from '../domain/ticket.ts';
import type { ShadowInput, ShadowResult } from './shadow-messages.ts';

/**
 * In how many strides it goes at most. Each skip of time costs about a second on a stock server (its timers are read that far
 * ahead), so moments that are close to each other share one.
 */
const STRIDES = 4;

/** Runs the shadow and answers what it met; fails for what changes nothing, for it would come for ever. */
export async function shadowTicket({ ticket, from, until }: ShadowInput): Promise<ShadowResult> {
  const shadow: ShadowResult = { ticket, moments: [] };
  let at = from;
  let reached = from;
  answerEffects(shadow, at);
  for (let [next] = agenda(ticket); next !== undefined && next.at <= until; [next] = agenda(shadow.ticket)) {
    if (next.at > reached) {
      reached = endOfStride(next.at, from, until);
      await reach(reached, next.summary);
    }
    // What was overdue when the shadow began falls due at once.
    at = Math.max(at, next.at);
    take(shadow, next.command, at);
    answerEffects(shadow, at);
  }
  await reach(until, 'As far as was asked');
  return shadow;
}

/** The end of the stride in which `instant` lies. */
function endOfStride(instant: number, from: number, until: number): number {
  const stride = (until - from) / STRIDES;
  return Math.min(until, Math.ceil(from + Math.ceil((instant - from) / stride) * stride));
}

async function reach(instant: number, summary: string): Promise<void> {
  const wait = instant - Date.now();
  if (wait > 0) await sleep(wait, { summary });
}

function take(shadow: ShadowResult, command: Command, at: number): void {
  const decision = decide(shadow.ticket, command, at);
  if (isRefusal(decision)) throw ApplicationFailure.nonRetryable(decision.detail, decision.refused);
  if (decision.ticket === shadow.ticket) {
    const detail = `${referenceOf(shadow.ticket)} has taken ${command.id} before, and yet it is asked for again.`;
    throw ApplicationFailure.nonRetryable(detail);
  }
  shadow.ticket = decision.ticket;
  shadow.moments.push(...decision.events);
}

/** Answers, or drops, whatever the ticket has asked for. */
function answerEffects(shadow: ShadowResult, at: number): void {
  for (let [effect] = shadow.ticket.effects; effect !== undefined; [effect] = shadow.ticket.effects) {
    const note = noteOf(effect);
    if (note !== null) shadow.moments.push({ type: 'shadow.muted', at, effect: effect.kind, note });
    const answer = answerOf(effect);
    if (answer === null) shadow.ticket = { ...shadow.ticket, effects: shadow.ticket.effects.slice(1) };
    else take(shadow, answer, at);
  }
}

/** What the vendor is taken to have answered; null where only a vendor could know. */
function answerOf(effect: Effect): Command | null {
  const [id, effectId] = [answerId(effect), effect.id];
  switch (effect.kind) {
    case 'send':
      return { type: 'completeSend', id, effectId, externalId: null };
    case 'page':
      return { type: 'completePage', id, effectId, to: ['shadow'] };
    case 'triage':
    case 'draft':
    case 'settings':
    case 'tell':
      return null;
  }
}

function noteOf(effect: Effect): string | null {
  switch (effect.kind) {
    case 'triage':
      return 'Triage is not asked in a shadow.';
    case 'draft':
      return 'A draft is not asked in a shadow.';
    case 'send':
      return 'Would send the reply; it is taken as accepted.';
    case 'page':
      return `Would page ${effect.page.map(nameOf).join(', ')}.`;
    // Of the desk's own; no vendor hears of them.
    case 'settings':
    case 'tell':
      return null;
  }
}

function nameOf(pagee: Pagee): string {
  switch (pagee.kind) {
    case 'assignee':
      return 'the assignee';
    case 'team':
      return pagee.teamId === null ? 'the ticket’s team' : `the team ${pagee.teamId}`;
    case 'role':
      return `everybody who is ${pagee.role}`;
    case 'onCall':
      return `whoever is on call in ${pagee.rotaId}`;
    case 'pagerDuty':
      return 'PagerDuty';
    case 'channel':
      return 'the desk’s channel';
  }
}
