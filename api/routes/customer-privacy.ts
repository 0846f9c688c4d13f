/**
 * A customer's data as a whole: given out, or erased. For whoever sees the whole desk, because what somebody does not see
 * would be given out or erased with it.
 */
import { z } from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { removeFiles } from '../../db/attachments.ts';
import { type Erasure, eraseCustomer } from '../../db/customer-erasure.ts';
import { DeskError } from '../../domain/errors.ts';
import { actingFor } from '../acting.ts';
import { isId } from '../ids.ts';
import { requireWholeDesk } from '../principal.ts';
import { readCustomerExport } from '../reads/customer-export.ts';
import { nothing, route } from '../route.ts';
import { customerExportSchema, erasureSchema } from '../shapes/customer-export.ts';
import { customerParams } from '../shapes/customer.ts';
import { instant } from '../shapes/instant.ts';
import { pageQuery } from '../shapes/page.ts';

export const exportCustomerRoute = route({
  method: 'get',
  path: '/api/v1/customers/{id}/export',
  permission: 'customers:privacy',
  summary: 'Give out everything that is kept of a customer',
  params: customerParams,
  query: z.strictObject({ cursor: pageQuery.cursor }),
  body: nothing,
  answer: {
    status: 200,
    description: 'What is kept of him, with at most 100 tickets and about 16 MB of texts in one answer.',
    schema: customerExportSchema,
  },
  errors: ['not_found', 'invalid_cursor', 'forbidden'],
  async handle({ params, query }, caller, { pool, cursors, now }) {
    requireWholeDesk(caller.principal, 'give a customer out, or erase him, as a whole');
    const id = params.id.toLowerCase();
    const scope = ['customer-export', id];
    const after = query.cursor === undefined ? null : cursors.read(scope, query.cursor);
    const found = isId(id) ? await readCustomerExport(pool, id, after) : null;
    if (found === null) throw notFound(id);
    const { page, next } = found;
    if (after === null) {
      const tickets = page.tickets.length;
      const event = {
        action: 'customers.export',
        target: 'customers',
        targetId: page.customer.id,
        details: { tickets },
      };
      await writeAudit(pool, actingFor(caller), event);
    }
    return {
      body: {
        exportedAt: instant(now()),
        ...page,
        nextCursor: next === null ? null : cursors.sign(scope, next),
      },
    };
  },
});

export const eraseCustomerRoute = route({
  method: 'post',
  path: '/api/v1/customers/{id}/erase',
  permission: 'customers:privacy',
  summary: 'Erase a customer: his name, his address and every word on his tickets; it may be done again',
  params: customerParams,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description:
      'What was erased. The tickets and the customer’s row stay, and say nothing any more; whoever writes from his address later is a new customer.',
    schema: erasureSchema,
  },
  errors: ['not_found', 'in_use', 'forbidden'],
  async handle({ params }, caller, { pool, files, credentials }) {
    requireWholeDesk(caller.principal, 'give a customer out, or erase him, as a whole');
    const id = params.id.toLowerCase();
    const erasure = isId(id) ? await eraseCustomer(pool, actingFor(caller), id) : null;
    if (erasure === null) throw notFound(id);
    if ('unfinished' in erasure) throw unfinished(erasure.unfinished);
    credentials.forget();
    // An erasure that is cut off here finds them again when it is repeated.
    await removeFiles(pool, files, erasure.fileIds);
    return { body: erasureJson(id, erasure) };
  },
});

function erasureJson(id: string, erasure: Erasure): z.infer<typeof erasureSchema> {
  const { erasedAt, tickets, messages, texts, ledgerRows, fileIds, conversations, slackPosts, modelAnswers } = erasure;
  const kept = [
    {
      where: 'Front',
      what: 'conversations that it brought, with its own copies of their messages',
      count: conversations,
    },
    { where: 'Slack', what: 'cards with subjects, names and drafts, in the channel', count: slackPosts },
    {
      where: 'the model’s provider',
      what: 'questions that it was asked, as far as it keeps them',
      count: modelAnswers,
    },
  ];
  return {
    id,
    erasedAt: instant(erasedAt),
    erased: { tickets, messages, texts, inboxRows: ledgerRows, files: fileIds.length },
    keptElsewhere: [
      ...kept.filter(({ count }) => count > 0).map(({ where, what, count }) => ({ where, what: `${count} ${what}` })),
      { where: 'mailboxes', what: 'what was sent to him, and copies of what he sent' },
      { where: 'backups of the database and of the files', what: 'what they held when they were made' },
    ],
  };
}

function notFound(id: string): DeskError {
  const detail = `There is no customer "${id.slice(0, 60)}"; GET /api/v1/customers lists those there are.`;
  return new DeskError('not_found', detail);
}

function unfinished(usedBy: string[]): DeskError {
  const detail = `The customer is not erased while there is work for him: ${usedBy.join('; ')}. Close the tickets, wait for the rest, then ask again.`;
  return new DeskError('in_use', detail, { facts: { usedBy } });
}
