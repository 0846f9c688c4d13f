/** Answers to effects: each is taken once, and only while it is still wanted. */
import type { Effect } from '../effects.ts';
import type { CompleteEffect } from '../commands.ts';
import { type Decision, open, refuse, type Refusal } from '../outcome.ts';
import { referenceOf, SYSTEM, type Ticket } from '../ticket.ts';

type EffectOf<K extends Effect['kind']> = Extract<Effect, { kind: K }>;

/**
 * The effect named `effectId`, with the ticket that no longer owes it; a refusal when it is not owed (any more), which
 * is how a result that comes too late ends.
 */
export function settle<K extends Effect['kind']>(
  ticket: Ticket,
  effectId: string,
  kind: K,
): { effect: EffectOf<K>; ticket: Ticket } | Refusal {
  const effect = ticket.effects.find((one): one is EffectOf<K> => one.id === effectId && one.kind === kind);
  if (effect === undefined) {
    return refuse('not_found', `${referenceOf(ticket)} does not wait for ${effectId} any more.`);
  }
  return { effect, ticket: { ...ticket, effects: ticket.effects.filter((one) => one !== effect) } };
}

/** What was told has been heard; nothing else follows from it. */
export function completeEffect(ticket: Ticket, command: CompleteEffect, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'tell');
  if ('refused' in asked) return asked;
  return open(asked.ticket, command, at, SYSTEM).outcome();
}
