/** The audit log: who changed settings, people, keys and customers, signed in or was refused. Read only, for everybody. */
import { z } from 'zod';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { findAudit, listAudit } from '../reads/audit.ts';
import { nothing, route } from '../route.ts';
import { auditEntryJson, auditEntrySchema, sealedEntrySchema } from '../shapes/audit.ts';
import { instantSchema } from '../shapes/instant.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { words } from '../shapes/text.ts';

const actorSchema = z.union([z.literal('system'), z.guid()], { error: 'must be the id of a user or a key, or system' });

export const listAuditRoute = route({
  method: 'get',
  path: '/api/v1/audit',
  permission: 'audit:read',
  summary: 'List what was changed and by whom, newest first',
  params: nothing,
  query: z.strictObject({
    actor: actorSchema.optional().meta({ description: 'The id of a user or a key, or system.' }),
    action: words(80).optional().meta({ description: 'Such as users.update.' }),
    target: words(80).optional().meta({ description: 'A kind of thing, such as users.' }),
    targetId: words(120).optional(),
    from: instantSchema.optional().meta({ description: 'The first instant that counts.' }),
    to: instantSchema.optional().meta({ description: 'The first instant that no longer counts.' }),
    fields: fieldsOf(auditEntrySchema),
    ...pageQuery,
  }),
  body: nothing,
  answer: { status: 200, description: 'A page of the audit log.', schema: pageOf(auditEntrySchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors }) {
    const { actor, action, target, targetId, from, to } = query;
    const filters = { actor, action, target, targetId, from, to };
    const { items, nextCursor } = await readPage(
      cursors,
      ['audit', filters],
      query,
      (after, limit) => listAudit(pool, principal, filters, { after, limit }),
      (row) => [row.position, row.id],
    );
    return { body: { items: items.map(auditEntryJson), nextCursor } };
  },
});

export const getAuditRoute = route({
  method: 'get',
  path: '/api/v1/audit/{id}',
  permission: 'audit:read',
  summary: 'Read an entry of the audit log, with its place in the chain',
  params: z.strictObject({ id: z.string() }),
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The entry.', schema: sealedEntrySchema },
  errors: ['not_found'],
  async handle({ params }, { principal }, { pool }) {
    const { link, ...row } = await findAudit(pool, principal, params.id);
    return { body: { ...auditEntryJson(row), chain: link } };
  },
});
