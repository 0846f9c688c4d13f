/** The drafts of a ticket, and what a person decides about one: the same update that a click in Slack executes. */
import { isId } from '../ids.ts';
import { z } from 'zod';
import { DeskError } from '../../domain/errors.ts';
import { DRAFT_DECISIONS } from '../../domain/ticket.ts';
import { execute } from '../execute.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { actorOf } from '../principal.ts';
import { findDraft, listDrafts } from '../reads/drafts.ts';
import { nameActors } from '../reads/names.ts';
import { findTicketVersion } from '../reads/tickets.ts';
import { requireUnderReplyCap } from '../reply-cap.ts';
import { nothing, route } from '../route.ts';
import { sendAtOf } from '../send-at.ts';
import type { Services } from '../services.ts';
import { deciderOf, draftJson, type DraftJson, draftSchema } from '../shapes/draft.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { words } from '../shapes/text.ts';
import { etagOf } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';

const decisionSchema = z
  .strictObject({ decision: z.enum(DRAFT_DECISIONS), body: words(100_000).optional() })
  .refine(({ decision, body }) => decision !== 'edit' || body !== undefined, {
    path: ['body'],
    error: 'is missing; give the edited text, or decide "approve"',
  })
  .refine(({ decision, body }) => decision === 'edit' || body === undefined, {
    path: ['body'],
    error: 'goes with "edit" only; leave it out, or decide "edit"',
  });

export const listDraftsRoute = route({
  method: 'get',
  path: '/api/v1/tickets/{id}/drafts',
  permission: 'tickets:inspect',
  summary: 'List the drafts of a ticket, oldest first',
  params: ticketParams,
  query: z.strictObject({ fields: fieldsOf(draftSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of drafts.', schema: pageOf(draftSchema) },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { pool, cursors }) {
    const ticket = await findTicketVersion(pool, principal, params.id);
    const { items, nextCursor } = await readPage(
      cursors,
      ['drafts', ticket.id],
      query,
      (after, limit) => listDrafts(pool, ticket.id, after, limit),
      (row) => [row.position, row.id],
    );
    const name = await nameActors(pool, items.map(deciderOf));
    return { body: { items: items.map((row) => draftJson(row, name)), nextCursor } };
  },
});

export const decideDraftRoute = route({
  method: 'post',
  path: '/api/v1/tickets/{id}/drafts/{draftId}/decision',
  permission: 'drafts:decide',
  summary: 'Approve, edit or discard the draft that waits',
  params: ticketParams.extend({ draftId: z.string() }),
  query: nothing,
  body: decisionSchema,
  answer: { status: 200, description: 'The draft as decided; what was approved is on its way.', schema: draftSchema },
  errors: ['not_found', 'draft_stale', 'ticket_closed', 'recipient_flooded', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, { principal, command, requestId, requireMatch }, services) {
    const by = actorOf(principal);
    const ticket = await findTicketVersion(services.pool, principal, params.id);
    requireMatch(etagOf(ticket));
    const { id: draftId } = await readDraft(services, ticket.id, params.draftId);
    const messageId = command.idFor('message');
    if (body.decision !== 'discard') {
      await requireUnderReplyCap(services.pool, principal, { ticketId: ticket.id, messageId }, services.now());
    }
    const edited = body.body === undefined ? null : { id: command.idFor('text'), body: body.body };
    const decision = {
      type: 'decideDraft',
      requestId,
      id: command.id,
      draftId,
      decision: body.decision,
      messageId,
      textId: edited?.id ?? null,
      sendAt: sendAtOf(services, null),
      by,
    } as const;
    await execute(services, ticket.id, decision, edited === null ? [] : [edited]);
    return { body: await readDraft(services, ticket.id, draftId) };
  },
});

async function readDraft({ pool }: Services, ticketId: string, draftId: string): Promise<DraftJson> {
  const row = isId(draftId) ? await findDraft(pool, ticketId, draftId) : undefined;
  if (row === undefined) {
    throw new DeskError('not_found', `The ticket has no draft "${draftId.slice(0, 60)}"; its drafts are listed.`);
  }
  return draftJson(row, await nameActors(pool, [deciderOf(row)]));
}
