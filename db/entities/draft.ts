import { defineEntity, p } from '@mikro-orm/core';
import { type Actor, ENGINES } from '../../domain/ticket.ts';
import { Text } from './text.ts';

export const DRAFT_STATES = ['proposed', 'approve', 'edit', 'discard', 'stale'] as const;

const DraftSchema = defineEntity({
  name: 'Draft',
  tableName: 'drafts',
  properties: {
    id: p.uuid().primary(),
    ticketId: p.uuid(),
    messageId: p.uuid(),
    text: () => p.manyToOne(Text),
    editedText: () => p.manyToOne(Text).nullable(),
    state: p.enum(DRAFT_STATES),
    engine: p.enum(ENGINES),
    confidence: p.float(),
    decidedByKind: p.string().$type<Actor['kind']>().nullable(),
    decidedById: p.string().nullable(),
    decidedAt: p.datetime().nullable(),
    createdAt: p.datetime(),
  },
});

/** An answer that an engine proposed, and what a person made of it. */
export class Draft extends DraftSchema.class {}
DraftSchema.setClass(Draft);
