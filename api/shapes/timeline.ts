/** What happened to a ticket, as the API shows it: ids of texts are replaced by the texts, instants by ISO 8601. */
import { z } from 'zod';
import type { TicketEvent } from '../../db/entities/ticket-event.ts';
import type { Actor } from '../../domain/ticket.ts';
import { actorSchema, type NamedActor } from './actor.ts';
import { instant, instantSchema } from './instant.ts';

export const timelineItemSchema = z
  .object({
    id: z.string(),
    sequence: z.int(),
    type: z.string().meta({ example: 'draft.decided' }),
    at: instantSchema,
    actor: actorSchema,
    data: z.record(z.string(), z.unknown()),
    causedBy: z.string(),
  })
  .meta({ id: 'TimelineItem' });

type TimelineItem = z.infer<typeof timelineItemSchema>;

/** Instants in an event's data, in milliseconds since 1970. */
const INSTANTS = new Set(['dueAt', 'writtenAt', 'sendAt', 'startedAt', 'until']);
const TEXT_ID = /^(?:textId|(\w+)TextId)$/;

/** Who did it. */
export function actorOfEvent(event: TicketEvent): Actor {
  return { kind: event.actorKind, id: event.actorId ?? null };
}

/** The ids of the texts that the event names. */
export function textIdsOf(event: TicketEvent): string[] {
  const named = Object.entries(event.data).filter(([key]) => TEXT_ID.test(key));
  return named.flatMap(([, value]) => (typeof value === 'string' ? [value] : []));
}

/** An event as JSON; a text that was erased is null. */
export function timelineItem(
  event: TicketEvent,
  name: (actor: Actor) => NamedActor,
  texts: ReadonlyMap<string, string>,
): TimelineItem {
  return {
    id: `${event.ticketId}:${event.sequence}`,
    sequence: event.sequence,
    type: event.type,
    at: event.at.toISOString(),
    actor: name(actorOfEvent(event)),
    data: Object.fromEntries(Object.entries(event.data).map(([key, value]) => shown(key, value, texts))),
    causedBy: event.causedBy,
  };
}

function shown(key: string, value: unknown, texts: ReadonlyMap<string, string>): [string, unknown] {
  const text = TEXT_ID.exec(key);
  if (text !== null) {
    const [, name = 'text'] = text;
    const words = typeof value === 'string' ? (texts.get(value) ?? null) : null;
    // The custom fields are kept as one text.
    return name === 'fields' ? ['customFields', words === null ? null : JSON.parse(words)] : [name, words];
  }
  if (Array.isArray(value)) return [key, value.map((item: unknown) => inside(item, texts))];
  if (INSTANTS.has(key) && typeof value === 'number') return [key, instant(value)];
  return [key, value];
}

function inside(item: unknown, texts: ReadonlyMap<string, string>): unknown {
  if (typeof item !== 'object' || item === null) return item;
  return Object.fromEntries(Object.entries(item).map(([key, value]) => shown(key, value, texts)));
}
