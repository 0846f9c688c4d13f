/** A draft as the API shows it. `simulated` says that the words came from the simulator and not from a model. */
import { z } from 'zod';
import { type Actor, ENGINES } from '../../domain/ticket.ts';
import type { DraftRow } from '../reads/drafts.ts';
import { actorSchema, type NamedActor } from './actor.ts';
import { instant, instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';

export const draftSchema = z
  .object({
    id: z.uuid(),
    messageId: z.uuid(),
    state: z.enum(['proposed', 'approved', 'edited', 'discarded', 'stale']),
    body: z.string(),
    editedBody: z.string().nullable(),
    engine: z.enum(ENGINES),
    simulated: z.boolean(),
    confidence: z.number(),
    createdAt: instantSchema,
    decidedBy: orNull(actorSchema),
    decidedAt: instantSchema.nullable(),
  })
  .meta({ id: 'Draft' });

export type DraftJson = z.infer<typeof draftSchema>;

const STATES = {
  proposed: 'proposed',
  approve: 'approved',
  edit: 'edited',
  discard: 'discarded',
  stale: 'stale',
} as const satisfies Record<DraftRow['state'], DraftJson['state']>;

/** Who decided it; null while it waits. */
export function deciderOf({ decidedByKind: kind, decidedById: id }: DraftRow): Actor | null {
  return kind === null ? null : { kind, id };
}

/** A draft as JSON. */
export function draftJson(row: DraftRow, name: (actor: Actor) => NamedActor): DraftJson {
  const decider = deciderOf(row);
  return {
    id: row.id,
    messageId: row.messageId,
    state: STATES[row.state],
    body: row.body,
    editedBody: row.editedBody,
    engine: row.engine,
    simulated: row.engine === 'simulator',
    confidence: row.confidence,
    createdAt: instant(row.createdAt),
    decidedBy: decider && name(decider),
    decidedAt: instant(row.decidedAt),
  };
}
