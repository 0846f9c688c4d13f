/** What would happen to a ticket that nobody touches, as the API shows it. Its moments read like the timeline's items. */
import { z } from 'zod';
import { TicketEvent } from '../../db/entities/ticket-event.ts';
import type { ShadowResult } from '../../workflows/shadow-messages.ts';
import type { WorkflowLinks } from '../services.ts';
import type { NamedActor } from './actor.ts';
import { instant, instantSchema } from './instant.ts';
import { type TicketRow, ticketSchema, wholeTicket } from './ticket.ts';
import { textIdsOf, timelineItem } from './timeline.ts';

const momentSchema = z
  .object({
    at: instantSchema,
    type: z.string().meta({
      example: 'sla.breached',
      description: 'As on the timeline; shadow.muted is what a vendor would have been asked.',
    }),
    data: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'WhatIfMoment' });

const thenSchema = ticketSchema.pick({
  reference: true,
  status: true,
  snoozed: true,
  snoozedUntil: true,
  escalation: true,
  resolvedAt: true,
  closedAt: true,
  sla: true,
});

export const whatIfSchema = z
  .object({
    from: instantSchema,
    until: instantSchema,
    moments: z.array(momentSchema),
    ticket: thenSchema.meta({ id: 'TicketThen', description: 'The ticket as it would be in the end.' }),
  })
  .meta({ id: 'WhatIf' });

type WhatIf = z.infer<typeof whatIfSchema>;
type Moment = ShadowResult['moments'][number];

/** The ids of the texts that the moments name. */
export function textIdsOfMoments(ticketId: string, moments: readonly Moment[]): string[] {
  return moments.flatMap((moment) => (moment.type === 'shadow.muted' ? [] : textIdsOf(eventOf(ticketId, moment))));
}

/** What `result` tells of the ticket `row` from one instant to the other (milliseconds since 1970), as JSON. */
export function whatIfJson(
  row: TicketRow,
  { from, until }: { from: number; until: number },
  { ticket, moments }: ShadowResult,
  texts: ReadonlyMap<string, string>,
  links: WorkflowLinks,
): WhatIf {
  const then = wholeTicket({ ...row, state: ticket }, links, until);
  const { reference, status, snoozed, snoozedUntil, escalation, resolvedAt, closedAt, sla } = then;
  return {
    from: instant(from),
    until: instant(until),
    moments: moments.map((moment) => momentJson(row.id, moment, texts)),
    ticket: { reference, status, snoozed, snoozedUntil, escalation, resolvedAt, closedAt, sla },
  };
}

function momentJson(ticketId: string, moment: Moment, texts: ReadonlyMap<string, string>): WhatIf['moments'][number] {
  if (moment.type === 'shadow.muted') {
    const { at, type, effect, note } = moment;
    return { at: instant(at), type, data: { effect, note } };
  }
  const { at, type, data } = timelineItem(eventOf(ticketId, moment), nobody, texts);
  return { at, type, data };
}

/** Nobody acts in a shadow, so there is nobody to name. */
function nobody(): NamedActor {
  return { kind: 'system', id: null, name: null };
}

/** The moment as it would stand in the timeline. */
function eventOf(ticketId: string, event: Exclude<Moment, { type: 'shadow.muted' }>): TicketEvent {
  const { sequence, type, at, actor, causedBy, data } = event;
  return Object.assign(new TicketEvent(), {
    ticketId,
    sequence,
    type,
    at: new Date(at),
    actorKind: actor.kind,
    actorId: actor.id,
    causedBy,
    data: { ...data },
  });
}
