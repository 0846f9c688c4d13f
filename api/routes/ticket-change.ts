/**
 * Changing the facts of a ticket.
 *
 * Does not promise that two who change different custom fields at once both have their way: the fields are kept whole, and
 * the later one wins. `If-Match` tells.
 */
import { z } from 'zod';
import { typeFactsFor } from '../../db/settings.ts';
import { PRIORITIES, SEVERITIES } from '../../domain/ticket.ts';
import type { CommandName } from '../command.ts';
import type { Words } from '../execute.ts';
import { checkTeam } from '../reads/receivers.ts';
import { recordedTicket } from '../reads/tickets.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { words } from '../shapes/text.ts';
import { ticketSchema } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';
import { checkType, customFieldsSchema, slug, tagsSchema } from '../ticket-facts.ts';
import { type Asked, type Step, takeStep } from '../ticket-step.ts';

const changeSchema = z
  .strictObject({
    subject: words(300).optional(),
    priority: z.enum(PRIORITIES).optional(),
    severity: z.enum(SEVERITIES).optional(),
    supportType: slug.optional(),
    team: slug.nullable().optional(),
    tags: tagsSchema.optional(),
    customFields: customFieldsSchema
      .optional()
      .meta({ description: 'Only those that change; null takes one away. The others stay.' }),
  })
  .refine((body) => Object.keys(body).length > 0, {
    error: 'the body names nothing to change; give at least one field, such as "priority"',
  });

type Change = z.output<typeof changeSchema>;

export const changeTicketRoute = route({
  method: 'patch',
  path: '/api/v1/tickets/{id}',
  permission: 'tickets:update',
  summary: 'Change facts of a ticket; the deadlines that follow from them are looked up anew',
  params: ticketParams,
  query: nothing,
  body: changeSchema,
  answer: { status: 200, description: 'The ticket as changed.', schema: ticketSchema },
  errors: ['not_found', 'ticket_closed', 'workflow_unavailable'],
  etag: true,
  handle: ({ params, body }, caller, services) =>
    takeStep(services, caller, params.id, (asked, ticketId) =>
      changeStep(services, ticketId, asked, caller.command, body),
    ),
});

async function changeStep(
  services: Services,
  ticketId: string,
  asked: Asked,
  name: CommandName,
  body: Change,
): Promise<Step> {
  const { subject, priority, severity, supportType, team, tags } = body;
  if (team !== undefined && team !== null) await checkTeam(services.pool, 'team', team);
  const fields = await fieldsAfter(services, ticketId, body);
  const type = supportType === undefined ? null : typeFactsFor(await services.settings.read(), supportType);
  const texts: Words[] = [];
  if (subject !== undefined) texts.push({ id: name.idFor('subject'), body: subject });
  if (fields !== null) texts.push({ id: name.idFor('fields'), body: JSON.stringify(fields) });
  return {
    command: {
      type: 'change',
      ...asked,
      ...(priority !== undefined && { priority }),
      ...(severity !== undefined && { severity }),
      ...(tags !== undefined && { tags }),
      ...(type !== null && { supportType: type }),
      ...(team !== undefined && { teamId: team }),
      ...(subject !== undefined && { subjectTextId: name.idFor('subject') }),
      ...(fields !== null && { fieldsTextId: name.idFor('fields') }),
    },
    words: texts,
  };
}

/**
 * The custom fields as they will be, checked against the form of the type that the ticket will have; null when none is
 * given. What an earlier type asked for and this one does not is let go.
 */
async function fieldsAfter(
  services: Services,
  ticketId: string,
  { supportType, customFields }: Change,
): Promise<Record<string, unknown> | null> {
  if (customFields === undefined) {
    await checkType(services, { supportType });
    return null;
  }
  const { state, customFields: before } = await recordedTicket(services.pool, ticketId);
  const typeId = supportType ?? state.supportType?.id;
  const type = await checkType(services, { supportType: typeId, customFields });
  const known = new Set(type?.form.map(({ key }) => key));
  const merged = Object.entries({ ...before, ...customFields });
  const after = Object.fromEntries(merged.filter(([key, value]) => known.has(key) && value !== null));
  await checkType(services, { supportType: typeId, customFields: after });
  return after;
}
