/**
 * From events to rows: which messages and drafts a change adds, and which it settles. Pure; the events are the truth.
 *
 * What is added and settled by one change is added as settled: a statement does not see the rows that it adds itself.
 */
import type { TicketEvent } from '../domain/events.ts';

export interface Projection {
  messages: (Settled & {
    direction: 'inbound' | 'outbound' | 'internal';
    authorKind: string;
    authorId: string | null;
    textId: string;
    draftId: string | null;
    at: number;
  })[];
  settledMessages: Settled[];
  drafts: (Decided & {
    messageId: string;
    textId: string;
    engine: string;
    confidence: number;
    at: number;
  })[];
  decidedDrafts: Decided[];
  links: Linked[];
  unlinked: Linked[];
}

interface Linked {
  otherId: string;
  kind: string;
  at: number;
}

/** What becomes of a message; times in milliseconds since 1970. */
interface Settled {
  id: string;
  state: 'received' | 'scheduled' | 'undone' | 'sending' | 'sent' | 'failed';
  externalId: string | null;
  reasonTextId: string | null;
  sentAt: number | null;
  /** When a scheduled one goes out. */
  sendAt: number | null;
}

interface Decided {
  id: string;
  state: string;
  editedTextId: string | null;
  /** How far an edited one is from what was proposed, in characters; null of the others. */
  editDistance: number | null;
  byKind: string | null;
  byId: string | null;
  decidedAt: number | null;
}

/** The rows that follow from `events`, times in milliseconds since 1970. */
export function projectionOf(events: readonly TicketEvent[]): Projection {
  const rows: Projection = {
    messages: [],
    settledMessages: [],
    drafts: [],
    decidedDrafts: [],
    links: [],
    unlinked: [],
  };
  for (const event of events) project(rows, event);
  return rows;
}

function project(rows: Projection, event: TicketEvent): void {
  const { at, actor } = event;
  const author = { authorKind: actor.kind, authorId: actor.id };
  const by = { byKind: actor.kind, byId: actor.id, decidedAt: at };
  const unsettled = { externalId: null, reasonTextId: null, sentAt: null, sendAt: null };
  switch (event.type) {
    case 'message.received': {
      const { messageId: id, textId, writtenAt } = event.data;
      const received = { direction: 'inbound', state: 'received', draftId: null, at: writtenAt } as const;
      rows.messages.push({ id, ...received, ...author, textId, ...unsettled });
      return;
    }
    case 'note.added': {
      const { messageId: id, textId } = event.data;
      const noted = { direction: 'internal', state: 'sent', draftId: null, at } as const;
      rows.messages.push({ id, ...noted, ...author, textId, ...unsettled });
      return;
    }
    case 'message.scheduled': {
      const { messageId: id, textId, draftId, sendAt } = event.data;
      const scheduled = { direction: 'outbound', state: 'scheduled', draftId, at } as const;
      rows.messages.push({ id, ...scheduled, ...author, textId, ...unsettled, sendAt });
      return;
    }
    case 'message.undone':
      amend(rows.messages, rows.settledMessages, { id: event.data.messageId, state: 'undone', ...unsettled });
      return;
    case 'message.sending': {
      const { messageId: id, textId, draftId, scheduled } = event.data;
      if (scheduled) {
        amend(rows.messages, rows.settledMessages, { id, state: 'sending', ...unsettled });
        return;
      }
      rows.messages.push({ id, direction: 'outbound', state: 'sending', ...author, textId, draftId, at, ...unsettled });
      return;
    }
    case 'message.sent': {
      const { messageId: id, externalId } = event.data;
      amend(rows.messages, rows.settledMessages, { id, state: 'sent', ...unsettled, externalId, sentAt: at });
      return;
    }
    case 'message.failed': {
      const { messageId: id, reasonTextId } = event.data;
      amend(rows.messages, rows.settledMessages, { id, state: 'failed', ...unsettled, reasonTextId });
      return;
    }
    case 'ticket.linked':
      rows.links.push({ ...event.data, at });
      return;
    case 'ticket.unlinked':
      rows.unlinked.push({ ...event.data, at });
      return;
    case 'draft.proposed': {
      const { draftId: id, messageId, textId, engine, confidence } = event.data;
      const undecided = {
        state: 'proposed',
        editedTextId: null,
        editDistance: null,
        byKind: null,
        byId: null,
        decidedAt: null,
      };
      rows.drafts.push({ id, messageId, textId, engine, confidence, at, ...undecided });
      return;
    }
    case 'draft.decided': {
      const { draftId: id, decision: state, textId: editedTextId } = event.data;
      amend(rows.drafts, rows.decidedDrafts, { id, state, editedTextId, editDistance: null, ...by });
      return;
    }
    case 'draft.stale': {
      const stale = { state: 'stale', editedTextId: null, editDistance: null, ...by };
      amend(rows.drafts, rows.decidedDrafts, { id: event.data.draftId, ...stale });
      return;
    }
    default:
      // The other events change the ticket's own row and nothing beside it.
      return;
  }
}

function amend<T extends { id: string }>(added: T[], changed: T[], row: T): void {
  const fresh = added.find(({ id }) => id === row.id);
  if (fresh === undefined) changed.push(row);
  else Object.assign(fresh, row);
}
