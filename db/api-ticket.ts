/**
 * A ticket that is opened through the API, as its ledger row keeps it: the API opens it at once, and the relay does when
 * that process died in between. Both read and take it in here, so that they cannot differ.
 */
import type { Pool } from 'pg';
import { z } from 'zod';
import type { ReceiveMessage } from '../domain/commands.ts';
import { PRIORITIES } from '../domain/ticket.ts';
import { intake } from './intake.ts';
import type { SettingsReader } from './settings.ts';

export const apiTicketSchema = z.object({
  ticketId: z.uuid(),
  number: z.int(),
  messageId: z.uuid(),
  subject: z.string(),
  body: z.string(),
  requester: z.object({ email: z.string(), name: z.string().nullable() }),
  priority: z.enum(PRIORITIES).nullable(),
  supportType: z.string().nullable(),
  tags: z.array(z.string()),
  fieldsTextId: z.uuid().nullable(),
  followUpOf: z.uuid().nullable(),
  splitFrom: z.uuid().nullable(),
  /** Milliseconds since 1970. */
  writtenAt: z.int(),
});
export type ApiTicket = z.infer<typeof apiTicketSchema>;

/** Stores the words and the requester of `ticket`, and answers the command that opens it. Safe to run twice. */
export function intakeApiTicket(
  pool: Pool,
  settings: SettingsReader,
  ids: { commandId: string; requestId: string },
  ticket: ApiTicket,
): Promise<ReceiveMessage> {
  return intake(pool, settings, {
    ...ids,
    messageId: ticket.messageId,
    channel: 'api',
    conversationId: null,
    subject: ticket.subject,
    body: ticket.body,
    html: null,
    from: ticket.requester,
    writtenAt: ticket.writtenAt,
    priority: ticket.priority,
    supportType: ticket.supportType,
    tags: ticket.tags,
    fieldsTextId: ticket.fieldsTextId,
    followUpOf: ticket.followUpOf,
    splitFrom: ticket.splitFrom,
    inboxId: null,
  });
}
