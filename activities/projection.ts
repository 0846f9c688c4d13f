/**
 * From events to rows: which messages and drafts a change adds, and which it settles. Pure; the events are the truth.
 */
import type { TicketEvent } from '../domain/events.ts';

export interface Projection {
  messages: {
    id: string;
    direction: 'inbound' | 'outbound';
    authorKind: string;
    authorId: string | null;
    textId: string;
    state: 'received' | 'sending';
    draftId: string | null;
    at: number;
  }[];
  settledMessages: {
    id: string;
    state: 'sent' | 'failed';
    externalId: string | null;
    reasonTextId: string | null;
    sentAt: number | null;
  }[];
  drafts: {
    id: string;
    messageId: string;
    textId: string;
    engine: string;
    confidence: number;
    at: number;
  }[];
  decidedDrafts: {
    id: string;
    state: string;
    editedTextId: string | null;
    byKind: string;
    byId: string | null;
    at: number;
  }[];
}

/** The rows that follow from `events`, times in milliseconds since 1970. */
export function projectionOf(events: readonly TicketEvent[]): Projection {
  const rows: Projection = { messages: [], settledMessages: [], drafts: [], decidedDrafts: [] };
  for (const event of events) project(rows, event);
  return rows;
}

function project(rows: Projection, event: TicketEvent): void {
  const { at, actor } = event;
  const by = { byKind: actor.kind, byId: actor.id, at };
  switch (event.type) {
    case 'message.received': {
      const { messageId: id, textId, writtenAt } = event.data;
      const author = { authorKind: actor.kind, authorId: actor.id };
      rows.messages.push({
        id,
        direction: 'inbound',
        ...author,
        textId,
        state: 'received',
        draftId: null,
        at: writtenAt,
      });
      return;
    }
    case 'message.sending': {
      const { messageId: id, textId, draftId } = event.data;
      const author = { authorKind: actor.kind, authorId: actor.id };
      rows.messages.push({ id, direction: 'outbound', ...author, textId, state: 'sending', draftId, at });
      return;
    }
    case 'message.sent': {
      const { messageId: id, externalId } = event.data;
      rows.settledMessages.push({ id, state: 'sent', externalId, reasonTextId: null, sentAt: at });
      return;
    }
    case 'message.failed': {
      const { messageId: id, reasonTextId } = event.data;
      rows.settledMessages.push({ id, state: 'failed', externalId: null, reasonTextId, sentAt: null });
      return;
    }
    case 'draft.proposed': {
      const { draftId: id, messageId, textId, engine, confidence } = event.data;
      rows.drafts.push({ id, messageId, textId, engine, confidence, at });
      return;
    }
    case 'draft.decided':
      rows.decidedDrafts.push({
        id: event.data.draftId,
        state: event.data.decision,
        editedTextId: event.data.textId,
        ...by,
      });
      return;
    case 'draft.stale':
      rows.decidedDrafts.push({ id: event.data.draftId, state: 'stale', editedTextId: null, ...by });
      return;
    default:
      // The other events change the ticket's own row and nothing beside it.
      return;
  }
}
