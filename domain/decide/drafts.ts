/** Drafts: proposed by an engine, decided by a person, stale as soon as the customer writes again or another is asked for. */
import type { ProposeDraft } from '../commands.ts';
import type { DecideDraft, RequestDraft } from '../person-commands.ts';
import { type Decision, open, refuse, type Refusal } from '../outcome.ts';
import { isDone, TRANSITIONS } from '../status.ts';
import { type Actor, referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { staleDraft, takeDraft } from './decided-drafts.ts';
import { settle } from './effects.ts';
import { beginSending, takesNoReply } from './replies.ts';

/** Proposes a draft for the newest message; it is never sent by itself. */
export function proposeDraft(ticket: Ticket, command: ProposeDraft, at: number): Decision {
  const asked = settle(ticket, command.effectId, 'draft');
  if ('refused' in asked) return asked;
  const change = open(asked.ticket, command, at, SYSTEM);
  const { draftId, messageId, textId, engine, confidence } = command;
  change.ticket.draft = { id: draftId, messageId, textId };
  change.emit('draft.proposed', { draftId, messageId, textId, engine, confidence });
  return change.outcome();
}

/** Approves, edits or discards the draft that waits; any other draft is refused, naming who decided it and how. */
export function decideDraft(ticket: Ticket, command: DecideDraft, at: number, noRoom: boolean): Decision {
  const { draft } = ticket;
  if (draft === null || draft.id !== command.draftId) return noLongerOpen(ticket, command.draftId);
  const closed = takesNoReply(ticket);
  if (closed !== null) return closed;
  if (command.decision === 'edit' && command.textId === null) {
    return refuse('invalid_request', 'An edited draft needs its new text: give "body".');
  }
  const change = open(ticket, command, at, command.by);
  takeDraft(change, { id: draft.id, decision: command.decision, by: command.by, at });
  change.emit('draft.decided', { draftId: draft.id, decision: command.decision, textId: command.textId });
  if (command.decision !== 'discard') {
    const textId = command.decision === 'edit' && command.textId !== null ? command.textId : draft.textId;
    const { messageId, by } = command;
    const outgoing = { messageId, textId, draftId: draft.id, acknowledgement: false, sendAt: command.sendAt ?? at };
    beginSending(change, outgoing, { by, at, noRoom });
  }
  return change.outcome();
}

/**
 * Asks for another draft for the customer's newest message; the one that waits is stale by that, so that nobody approves words
 * that somebody wants written anew. One is written at a time.
 */
export function requestDraft(ticket: Ticket, command: RequestDraft, at: number): Decision {
  const { newestMessageId: messageId } = ticket;
  const refused = takesNoDraft(ticket);
  if (refused !== null) return refused;
  if (messageId === null) {
    const detail = `${referenceOf(ticket)} has no message of a customer that a draft could answer.`;
    return refuse('illegal_transition', detail, { status: ticket.status });
  }
  const change = open(ticket, command, at, command.by);
  const { draftId } = command;
  change.emit('draft.requested', { draftId, messageId });
  staleDraft(change, null, at);
  change.ticket.effects = [
    ...change.ticket.effects,
    { kind: 'draft', id: `draft:${draftId}`, requestId: change.requestId, messageId, draftId },
  ];
  return change.outcome();
}

/** The refusal of a ticket for which no draft is written now, or null. */
function takesNoDraft(ticket: Ticket): Refusal | null {
  const { status, merged, supportType, effects } = ticket;
  const reference = referenceOf(ticket);
  if (merged !== null) {
    const detail = `${reference} went into T-${merged.intoNumber}; ask for a draft there.`;
    return refuse('ticket_merged', detail, { into: merged.into });
  }
  if (status === 'closed') return refuse('ticket_closed', `${reference} is closed, so no draft is written for it.`);
  if (isDone(status)) {
    const detail = `${reference} is ${status}, so nobody waits for an answer: reopen it, then ask for a draft.`;
    return refuse('illegal_transition', detail, { status, allowed: [...TRANSITIONS[status]] });
  }
  if (supportType?.autonomy === 'off') {
    const detail = `${reference} is of the support type ${supportType.id}, for which no drafts are written (its autonomy is "off").`;
    return refuse('illegal_transition', detail, { status, supportType: supportType.id });
  }
  const writing = effects.find((effect) => effect.kind === 'draft');
  if (writing === undefined) return null;
  const detail = `A draft for ${reference} is being written already; wait for it, and ask again if it does not serve.`;
  return refuse('illegal_transition', detail, { status, draftId: writing.draftId ?? null });
}

function noLongerOpen(ticket: Ticket, draftId: string): Refusal {
  const decided = ticket.decidedDrafts.find((one) => one.id === draftId);
  if (decided === undefined) {
    return refuse('draft_stale', `Draft ${draftId} is not the one that waits on ${referenceOf(ticket)}.`, { draftId });
  }
  const facts = { draftId, decision: decided.decision, decidedBy: decided.by.id };
  if (decided.decision === 'stale') {
    const why = 'went on after it was written, or another draft was asked for';
    const detail = `Draft ${draftId} is stale: the conversation on ${referenceOf(ticket)} ${why}.`;
    return refuse('draft_stale', detail, facts);
  }
  const detail = `Draft ${draftId} was already decided (${decided.decision}) by ${nameOf(decided.by)}.`;
  return refuse('draft_stale', detail, facts);
}

function nameOf(actor: Actor): string {
  return actor.id === null ? `the ${actor.kind}` : `${actor.kind} ${actor.id}`;
}
