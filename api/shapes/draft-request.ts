/** What was asked for when a person wants another draft, before there is one. */
import { z } from 'zod';
import type { Actor } from '../../domain/ticket.ts';
import type { DraftRequestRow } from '../reads/drafts.ts';
import { actorSchema, type NamedActor } from './actor.ts';
import { instant, instantSchema } from './instant.ts';

export const draftRequestSchema = z
  .object({
    draftId: z.uuid().meta({ description: 'The id that the draft has once it is written.' }),
    messageId: z.uuid().meta({ description: 'The message that it answers: the newest of the customer.' }),
    requestedBy: actorSchema,
    requestedAt: instantSchema,
  })
  .meta({ id: 'DraftRequest' });

/** Who asked. */
export function requesterOf({ byKind: kind, byId: id }: DraftRequestRow): Actor {
  return { kind, id };
}

/** A request for a draft as JSON. */
export function draftRequestJson(
  row: DraftRequestRow,
  name: (actor: Actor) => NamedActor,
): z.infer<typeof draftRequestSchema> {
  const { draftId, messageId, requestedAt } = row;
  return { draftId, messageId, requestedBy: name(requesterOf(row)), requestedAt: instant(requestedAt) };
}
