/** Opening a ticket by API. */
import { z } from 'zod';
import { PRIORITIES } from '../../domain/ticket.ts';
import { openNewTicket } from '../new-ticket.ts';
import { nothing, route } from '../route.ts';
import { words } from '../shapes/text.ts';
import { ticketSchema } from '../shapes/ticket.ts';
import { checkType, customFieldsSchema, slug, storeFields, tagsSchema } from '../ticket-facts.ts';
import { showNewTicket } from '../ticket-step.ts';
import { checkOpening } from '../opening.ts';

const newTicketSchema = z.strictObject({
  subject: words(300),
  body: words(100_000),
  requester: z.strictObject({
    email: z.email({ error: 'must be an e-mail address' }).max(254),
    name: words(200).optional(),
  }),
  channel: z
    .literal('api', { error: 'must be "api" or left out: tickets of the other channels begin where they are written' })
    .optional(),
  priority: z.enum(PRIORITIES).optional(),
  supportType: slug.optional(),
  tags: tagsSchema.optional(),
  customFields: customFieldsSchema.optional(),
});

export const openTicketRoute = route({
  method: 'post',
  path: '/api/v1/tickets',
  permission: 'tickets:create',
  summary: 'Open a ticket',
  params: nothing,
  query: nothing,
  body: newTicketSchema,
  answer: { status: 201, description: 'The ticket, recorded.', schema: ticketSchema },
  errors: ['workflow_unavailable'],
  async handle({ body }, caller, services) {
    const { command, requestId, principal } = caller;
    await checkOpening(services.pool, principal, body);
    await checkType(services, body);
    const fieldsTextId = body.customFields === undefined ? null : command.idFor('fields');
    if (fieldsTextId !== null) await storeFields(services.pool, fieldsTextId, body.customFields ?? {});
    const wanted = {
      messageId: command.idFor('message'),
      subject: body.subject,
      body: body.body,
      requester: { email: body.requester.email, name: body.requester.name ?? null },
      priority: body.priority ?? null,
      supportType: body.supportType ?? null,
      tags: body.tags ?? [],
      fieldsTextId,
      followUpOf: null,
      splitFrom: null,
      writtenAt: services.now(),
    };
    const { ticketId } = await openNewTicket(services, { id: command.id, requestId }, wanted);
    return showNewTicket(services, caller, ticketId);
  },
});
