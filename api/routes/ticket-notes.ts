/** Notes on a ticket: what the desk writes for its own eyes. */
import { z } from 'zod';
import { attachmentIds, executeWithFiles } from '../attaching.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { listNotes } from '../reads/messages.ts';
import { nameActors } from '../reads/names.ts';
import { findTicketVersion } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import { authorOf, messageJson, messageSchema } from '../shapes/message.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { words } from '../shapes/text.ts';
import { etagOf } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { askedBy } from '../ticket-step.ts';
import { readMessage } from './ticket-messages.ts';

const PATH = '/api/v1/tickets/{id}/notes';

export const listNotesRoute = route({
  method: 'get',
  path: PATH,
  permission: 'tickets:inspect',
  summary: 'List the notes on a ticket, oldest first',
  params: ticketParams,
  query: z.strictObject({ fields: fieldsOf(messageSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of notes.', schema: pageOf(messageSchema) },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { pool, cursors }) {
    const ticket = await findTicketVersion(pool, principal, params.id);
    const { items, nextCursor } = await readPage(
      cursors,
      ['notes', ticket.id],
      query,
      (after, limit) => listNotes(pool, ticket.id, after, limit),
      (row) => [row.position, row.id],
    );
    const name = await nameActors(pool, items.map(authorOf));
    return { body: { items: items.map((row) => messageJson(row, principal, name)), nextCursor } };
  },
});

export const addNoteRoute = route({
  method: 'post',
  path: PATH,
  permission: 'tickets:update',
  summary: 'Write a note on a ticket; the customer never sees it',
  params: ticketParams,
  query: nothing,
  body: z.strictObject({ body: words(100_000), attachments: attachmentIds.optional() }),
  answer: { status: 201, description: 'The note, as a message for the desk alone.', schema: messageSchema },
  errors: ['not_found', 'ticket_closed', 'workflow_unavailable'],
  etag: true,
  async handle({ params, body }, caller, services) {
    const asked = askedBy(caller);
    const ticket = await findTicketVersion(services.pool, caller.principal, params.id);
    caller.requireMatch(etagOf(ticket));
    const [messageId, textId] = [caller.command.idFor('message'), caller.command.idFor('text')];
    const note = { type: 'addNote', ...asked, messageId, textId } as const;
    const files = { ids: body.attachments ?? [], messageId };
    const words = [{ id: textId, body: body.body }];
    await executeWithFiles(services, caller.principal, files, ticket.id, note, words);
    return {
      body: await readMessage(services, caller.principal, ticket.id, messageId),
      headers: { Location: `/api/v1/tickets/${ticket.id}/messages/${messageId}` },
    };
  },
});
