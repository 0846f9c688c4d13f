/** The inbox ledger: whatever arrived, what became of it, and how much still waits. */
import { z } from 'zod';
import { INBOX_STATES, InboxRow } from '../../db/entities/inbox-row.ts';
import { DeskError } from '../../domain/errors.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { requireWholeDesk } from '../principal.ts';
import { nothing, route } from '../route.ts';
import { inboxParams, SOURCES } from '../shapes/inbox.ts';
import { instantSchema } from '../shapes/instant.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';

const rowSchema = z
  .object({
    id: z.string(),
    source: z.string(),
    externalId: z.string(),
    kind: z.string(),
    status: z.enum(INBOX_STATES),
    reason: z.string().nullable(),
    attempts: z.int(),
    receivedAt: instantSchema,
    appliedAt: instantSchema.nullable(),
    ticketId: z.uuid().nullable(),
    requestId: z.string(),
  })
  .meta({ id: 'InboxRow' });

export const listInboxRoute = route({
  method: 'get',
  path: '/api/v1/inbox',
  permission: 'inbox:read',
  summary: 'List what arrived, newest first, with the number of rows that wait',
  params: nothing,
  query: z.strictObject({
    status: z.enum(INBOX_STATES).optional(),
    source: z.enum(SOURCES).optional(),
    fields: fieldsOf(rowSchema),
    ...pageQuery,
  }),
  body: nothing,
  answer: {
    status: 200,
    description: 'A page of the ledger.',
    schema: pageOf(rowSchema).extend({ backlog: z.int().meta({ description: 'Rows that are not handed over yet.' }) }),
  },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { orm, cursors }) {
    requireWholeDesk(principal, 'read the inbox');
    const { status, source } = query;
    const em = orm.em.fork();
    const [{ items, nextCursor }, backlog] = await Promise.all([
      readPage(
        cursors,
        ['inbox', { status, source }],
        query,
        (after, limit) =>
          em.find(
            InboxRow,
            {
              ...(status === undefined ? {} : { state: status }),
              ...(source === undefined ? {} : { source }),
              ...(after?.[0] === undefined ? {} : { id: { $lt: after[0] } }),
            },
            { orderBy: { id: 'desc' }, limit },
          ),
        (row) => [row.id],
      ),
      orm.em.fork().count(InboxRow, { state: { $in: ['received', 'incomplete'] } }),
    ]);
    return { body: { items: items.map(rowJson), nextCursor, backlog } };
  },
});

export const getInboxRoute = route({
  method: 'get',
  path: '/api/v1/inbox/{id}',
  permission: 'inbox:read',
  summary: 'Read one row of the ledger, with the body as it arrived',
  params: inboxParams,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The row.',
    schema: rowSchema.extend({ body: z.string() }).meta({ id: 'InboxRowWithBody' }),
  },
  errors: ['not_found'],
  async handle({ params }, { principal }, { orm }) {
    requireWholeDesk(principal, 'read the inbox');
    const known = /^[1-9]\d{0,17}$/.test(params.id);
    const row = known ? await orm.em.fork().findOne(InboxRow, { id: params.id }, { populate: ['body'] }) : null;
    if (row === null) throw new DeskError('not_found', `The inbox has no row "${params.id.slice(0, 40)}".`);
    return { body: { ...rowJson(row), body: row.body } };
  },
});

function rowJson(row: Omit<InboxRow, 'body'>): z.infer<typeof rowSchema> {
  return {
    id: row.id,
    source: row.source,
    externalId: row.externalId,
    kind: row.kind,
    status: row.state,
    reason: row.reason ?? null,
    attempts: row.attempts,
    receivedAt: row.receivedAt.toISOString(),
    appliedAt: row.appliedAt?.toISOString() ?? null,
    ticketId: row.ticketId ?? null,
    requestId: row.requestId,
  };
}
