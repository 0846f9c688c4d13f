/**
 * A message as the API shows it. `bodyHtml` is null for now: what customers send as HTML is kept, and is not shown before
 * something sanitises it.
 */
import { z } from 'zod';
import { MESSAGE_DIRECTIONS, MESSAGE_STATES } from '../../db/entities/message.ts';
import type { Viewer } from '../../domain/scope.ts';
import type { Actor } from '../../domain/ticket.ts';
import type { MessageRow } from '../reads/messages.ts';
import { actorSchema, type NamedActor } from './actor.ts';
import { attachedSchema } from './attachment.ts';
import { instant, instantSchema } from './instant.ts';

export const messageSchema = z
  .object({
    id: z.uuid(),
    direction: z.enum(MESSAGE_DIRECTIONS),
    author: actorSchema,
    body: z.string(),
    bodyHtml: z.string().nullable(),
    state: z.enum(MESSAGE_STATES),
    draftId: z.uuid().nullable(),
    createdAt: instantSchema,
    sendAt: instantSchema.nullable().meta({ description: 'When a scheduled one goes out, or was to go out.' }),
    sentAt: instantSchema.nullable(),
    attachments: z.array(attachedSchema),
    failureReason: z.string().nullable(),
    delivery: z
      .object({ attempts: z.int(), lastError: z.string().nullable(), lastAttemptAt: instantSchema })
      .nullable(),
  })
  .meta({ id: 'Message' });

export type MessageJson = z.infer<typeof messageSchema>;

/** Who wrote it. */
export function authorOf(row: MessageRow): Actor {
  return { kind: row.authorKind, id: row.authorId };
}

/** A message as JSON for `viewer`; a customer is not told of drafts and of trouble on the way. */
export function messageJson(row: MessageRow, viewer: Viewer, name: (actor: Actor) => NamedActor): MessageJson {
  const { attempts, lastError, lastAttemptAt } = row;
  const inside = viewer.customerId === null;
  return {
    id: row.id,
    direction: row.direction,
    author: name(authorOf(row)),
    body: row.body,
    bodyHtml: null,
    state: row.state,
    draftId: inside ? row.draftId : null,
    createdAt: instant(row.createdAt),
    sendAt: instant(row.sendAt),
    sentAt: instant(row.sentAt),
    attachments: row.attachments,
    failureReason: inside ? row.failureReason : null,
    delivery:
      !inside || attempts === null || lastAttemptAt === null
        ? null
        : { attempts, lastError, lastAttemptAt: instant(lastAttemptAt) },
  };
}
