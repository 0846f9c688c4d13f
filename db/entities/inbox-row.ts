import { defineEntity, p } from '@mikro-orm/core';

export const INBOX_STATES = ['received', 'incomplete', 'applied', 'ignored', 'failed'] as const;

const InboxRowSchema = defineEntity({
  name: 'InboxRow',
  tableName: 'inbox',
  properties: {
    id: p.bigint('string').primary(),
    source: p.string(),
    externalId: p.string(),
    kind: p.string(),
    conversationKey: p.string(),
    state: p.enum(INBOX_STATES),
    reason: p.string().nullable(),
    body: p.text().lazy(),
    ticketId: p.uuid().nullable(),
    requestId: p.string(),
    attempts: p.integer(),
    dueAt: p.datetime(),
    receivedAt: p.datetime(),
    appliedAt: p.datetime().nullable(),
  },
});

/**
 * Something that arrived. `received` waits for its hand-over, `incomplete` for the rest of its text, `applied` is in its
 * ticket's workflow, `ignored` is kept but means nothing to the desk, `failed` is set aside with its reason.
 */
export class InboxRow extends InboxRowSchema.class {}
InboxRowSchema.setClass(InboxRow);
