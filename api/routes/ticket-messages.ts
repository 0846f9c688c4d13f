/** The messages of a ticket: reading them, and replying. */
import { z } from 'zod';
import { isId } from '../ids.ts';
import { DeskError } from '../../domain/errors.ts';
import type { Viewer } from '../../domain/scope.ts';
import { attachmentIds, executeWithFiles } from '../attaching.ts';
import { execute } from '../execute.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { actorOf } from '../principal.ts';
import { findMessage, listMessages } from '../reads/messages.ts';
import { nameActors } from '../reads/names.ts';
import { findTicketVersion } from '../reads/tickets.ts';
import { requireUnderReplyCap } from '../reply-cap.ts';
import { nothing, route } from '../route.ts';
import { sendAtOf } from '../send-at.ts';
import type { Services } from '../services.ts';
import { authorOf, messageJson, type MessageJson, messageSchema } from '../shapes/message.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { words } from '../shapes/text.ts';
import { etagOf } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { askedBy } from '../ticket-step.ts';

const PATH = '/api/v1/tickets/{id}/messages';

export const listMessagesRoute = route({
  method: 'get',
  path: PATH,
  permission: 'tickets:read',
  summary: 'List the messages of a ticket, oldest first',
  params: ticketParams,
  query: z.strictObject({ fields: fieldsOf(messageSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of messages.', schema: pageOf(messageSchema) },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { pool, cursors }) {
    const ticket = await findTicketVersion(pool, principal, params.id);
    const { items, nextCursor } = await readPage(
      cursors,
      ['messages', ticket.id],
      query,
      (after, limit) => listMessages(pool, principal, ticket.id, after, limit),
      (row) => [row.position, row.id],
    );
    const name = await nameActors(pool, items.map(authorOf));
    return { body: { items: items.map((row) => messageJson(row, principal, name)), nextCursor } };
  },
});

export const getMessageRoute = route({
  method: 'get',
  path: `${PATH}/{messageId}`,
  permission: 'tickets:read',
  summary: 'Read a message of a ticket',
  params: ticketParams.extend({ messageId: z.string() }),
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The message.', schema: messageSchema },
  errors: ['not_found'],
  async handle({ params }, { principal }, services) {
    const ticket = await findTicketVersion(services.pool, principal, params.id);
    return { body: await readMessage(services, principal, ticket.id, params.messageId) };
  },
});

export const replyRoute = route({
  method: 'post',
  path: PATH,
  permission: 'tickets:reply',
  summary: 'Reply to the customer',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({
    body: words(100_000),
    sendAt: z.iso.datetime({ offset: true, error: 'must be an instant such as 2026-12-24T08:00:00Z' }).optional(),
    acknowledgement: z
      .boolean()
      .optional()
      .meta({ description: 'An automatic acknowledgement: it answers nobody, so the clocks go on.' }),
    attachments: attachmentIds.optional(),
  }),
  answer: {
    status: 201,
    description:
      'The message: scheduled until its time has come, or until it can no longer be taken back; sent once the channel has accepted it.',
    schema: messageSchema,
  },
  errors: ['not_found', 'ticket_closed', 'ticket_merged', 'recipient_flooded', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, { principal, command, requestId, requireMatch }, services) {
    const by = actorOf(principal);
    const ticket = await findTicketVersion(services.pool, principal, params.id);
    requireMatch(etagOf(ticket));
    const messageId = command.idFor('message');
    const textId = command.idFor('text');
    const sendAt = sendAtOf(services, body.sendAt ?? null);
    await requireUnderReplyCap(services.pool, principal, { ticketId: ticket.id, messageId }, services.now());
    const acknowledgement = body.acknowledgement ?? false;
    const reply = { type: 'reply', id: command.id, requestId, messageId, textId, sendAt, acknowledgement, by } as const;
    const files = { ids: body.attachments ?? [], messageId };
    await executeWithFiles(services, principal, files, ticket.id, reply, [{ id: textId, body: body.body }]);
    return {
      body: await readMessage(services, principal, ticket.id, messageId),
      headers: { Location: `/api/v1/tickets/${ticket.id}/messages/${messageId}` },
    };
  },
});

export const undoSendRoute = route({
  method: 'post',
  path: `${PATH}/{messageId}/undo`,
  permission: 'tickets:reply',
  summary: 'Take a reply back that is not on its way yet',
  params: ticketParams.extend({ messageId: z.string() }),
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The message, undone: it will not be sent.', schema: messageSchema },
  errors: ['not_found', 'too_late', 'workflow_unavailable'],
  etag: true,
  async handle({ params }, caller, services) {
    const asked = askedBy(caller);
    const ticket = await findTicketVersion(services.pool, caller.principal, params.id);
    caller.requireMatch(etagOf(ticket));
    const { id: messageId } = await readMessage(services, caller.principal, ticket.id, params.messageId);
    await execute(services, ticket.id, { type: 'undoSend', ...asked, messageId });
    return { body: await readMessage(services, caller.principal, ticket.id, messageId) };
  },
});

/** A message of the ticket as JSON for `viewer`; throws `not_found`. */
export async function readMessage(
  { pool }: Services,
  viewer: Viewer,
  ticketId: string,
  messageId: string,
): Promise<MessageJson> {
  const row = isId(messageId) ? await findMessage(pool, viewer, ticketId, messageId) : undefined;
  if (row === undefined) {
    throw new DeskError('not_found', `The ticket has no message "${messageId.slice(0, 60)}"; its messages are listed.`);
  }
  return messageJson(row, viewer, await nameActors(pool, [authorOf(row)]));
}
