/**
 * Front's rows of the ledger: read as a customer's message, or completed when they came as a preview without the text.
 */
import { DeskError } from '../domain/errors.ts';
import { type Front, type FrontEvent, type FrontMessage, readFrontEvent } from '../integrations/front.ts';
import type { ClaimedRow, Settled } from './relay.ts';

export interface FrontMessageEvent {
  conversationId: string;
  /** Front's id of the message. */
  messageId: string;
  message: FrontMessage;
  /** Milliseconds since 1970. */
  emittedAt: number;
}

/** The customer's message in `row`; throws a DeskError when there is none to read. */
export function messageOfRow(row: ClaimedRow): FrontMessageEvent {
  const { conversationId, messageId, message, emittedAt } = eventOfRow(row);
  if (messageId === null || message === undefined) {
    throw new DeskError('invalid_request', 'The event names no message with a sender, so it belongs to no customer.');
  }
  return { conversationId, messageId, message, emittedAt: emittedAt ?? row.receivedAt };
}

/** Fetches the message that a preview only announced; the row then waits for its hand-over, its place in line kept. */
export async function completeFrontEvent(front: Front | null, row: ClaimedRow): Promise<Settled> {
  const event = eventOfRow(row);
  if (front === null) {
    throw new DeskError(
      'workflow_unavailable',
      'Front is not connected, so the rest of this message cannot be fetched.',
    );
  }
  if (event.messageId === null) {
    throw new DeskError('invalid_request', 'The event names no message, so there is no text to fetch.');
  }
  const message = await front.fetchMessage(event.messageId);
  return { state: 'received', body: JSON.stringify(completed(event, event.messageId, message)) };
}

/** In the shape of a rule's event, so that it is read like any other. */
function completed(event: FrontEvent, messageId: string, message: FrontMessage): object {
  const { subject, body, html, from } = message;
  return {
    id: event.eventId,
    type: event.type,
    emitted_at: event.emittedAt === null ? null : event.emittedAt / 1000,
    conversation: { id: event.conversationId },
    target: {
      data: {
        id: messageId,
        subject,
        text: body,
        body: html,
        recipients: [{ handle: from.email, name: from.name, role: 'from' }],
      },
    },
  };
}

function eventOfRow(row: ClaimedRow): FrontEvent {
  const event = readFrontEvent(JSON.parse(row.body));
  if (event === null) throw new DeskError('invalid_request', 'The event cannot be read as one of Front’s.');
  return event;
}
