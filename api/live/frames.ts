/** From what the database tells to the frames that go out, written once for all who get them. */
import type { AgentState } from '../../db/agent-states.ts';
import type { FedEvent } from '../../db/event-feed.ts';
import type { EventType } from '../../domain/events.ts';
import { referenceOf } from '../../domain/ticket.ts';
import type { AgentFrame, TicketFrame } from '../shapes/frame.ts';
import { instant } from '../shapes/instant.ts';

/** A frame as it goes over the wire. */
export interface Frame {
  type: string;
  /** JSON in UTF-8. */
  bytes: Buffer;
  /** Where to go on after it; null for what is not told again. */
  id: string | null;
}

/** The frame of an event; `id` names its place in the feed. */
export function eventFrame(event: FedEvent, id: string): Frame {
  const frame: TicketFrame = {
    type: frameTypeOf(event.type),
    at: instant(event.at),
    data: {
      id: event.ticketId,
      reference: referenceOf(event),
      event: event.type,
      sequence: event.sequence,
      eventId: id,
      actor: { kind: event.actorKind, id: event.actorId },
      version: event.version,
      status: event.status,
      priority: event.priority,
      supportType: event.supportType,
      team: event.team,
      assignee: event.assigneeId === null ? null : { id: event.assigneeId, name: event.assigneeName ?? '' },
      slaDueAt: instant(event.slaDueAt),
    },
  };
  return { type: frame.type, bytes: Buffer.from(JSON.stringify(frame)), id };
}

/** The frame that says what an agent is now. */
export function agentFrame({ at, ...data }: AgentState): Frame {
  const frame: AgentFrame = { type: 'agent_status', at: instant(at), data };
  return { type: frame.type, bytes: Buffer.from(JSON.stringify(frame)), id: null };
}

function frameTypeOf(type: EventType): TicketFrame['type'] {
  if (type === 'ticket.created') return 'new_ticket';
  return type === 'sla.warned' || type === 'sla.breached' ? 'sla_warning' : 'ticket_update';
}
