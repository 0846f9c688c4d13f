import { defineEntity, p } from '@mikro-orm/core';
import type { Actor } from '../../domain/ticket.ts';
import { Text } from './text.ts';

export const MESSAGE_DIRECTIONS = ['inbound', 'outbound', 'internal'] as const;
export const MESSAGE_STATES = ['received', 'draft', 'scheduled', 'sending', 'sent', 'failed', 'undone'] as const;

const MessageSchema = defineEntity({
  name: 'Message',
  tableName: 'messages',
  properties: {
    id: p.uuid().primary(),
    ticketId: p.uuid(),
    direction: p.enum(MESSAGE_DIRECTIONS),
    authorKind: p.string().$type<Actor['kind']>(),
    authorId: p.string().nullable(),
    text: () => p.manyToOne(Text),
    state: p.enum(MESSAGE_STATES),
    draftId: p.uuid().nullable(),
    externalId: p.string().nullable(),
    reasonText: () => p.manyToOne(Text).nullable(),
    createdAt: p.datetime(),
    sentAt: p.datetime().nullable(),
  },
});

/** A message of a ticket's conversation, projected from its events. */
export class Message extends MessageSchema.class {}
MessageSchema.setClass(Message);
