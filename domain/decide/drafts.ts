/** Drafts: proposed by an engine, decided by a person, stale as soon as the customer writes again. */
import type { ProposeDraft } from '../commands.ts';
import type { DecideDraft } from '../person-commands.ts';
import { type Decision, open, refuse, type Refusal } from '../outcome.ts';
import { type Actor, referenceOf, SYSTEM, type Ticket } from '../ticket.ts';
import { takeDraft } from './decided-drafts.ts';
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

function noLongerOpen(ticket: Ticket, draftId: string): Refusal {
  const decided = ticket.decidedDrafts.find((one) => one.id === draftId);
  if (decided === undefined) {
    return refuse('draft_stale', `Draft ${draftId} is not the one that waits on ${referenceOf(ticket)}.`, { draftId });
  }
  const facts = { draftId, decision: decided.decision, decidedBy: decided.by.id };
  if (decided.decision === 'stale') {
    const detail = `Draft ${draftId} is stale: the conversation on ${referenceOf(ticket)} went on after it was written.`;
    return refuse('draft_stale', detail, facts);
  }
  const detail = `Draft ${draftId} was already decided (${decided.decision}) by ${nameOf(decided.by)}.`;
  return refuse('draft_stale', detail, facts);
}

function nameOf(actor: Actor): string {
  return actor.id === null ? `the ${actor.kind}` : `${actor.kind} ${actor.id}`;
}
