/** A customer's first message, its words stored as the relay and the API store them. */
import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import { intake, type IncomingMessage, newTicketName } from '../db/intake.ts';
import type { SettingsReader } from '../db/settings.ts';

/** A new ticket's name and the command that opens it; `over` is what differs from a usual message. */
export async function firstMessage(pool: Pool, settings: SettingsReader, over: Partial<IncomingMessage> = {}) {
  const name = await newTicketName(pool);
  const id = randomUUID();
  const command = await intake(pool, settings, {
    commandId: id,
    requestId: id,
    messageId: id,
    channel: 'api',
    conversationId: null,
    subject: 'Where is my order?',
    body: 'It was due on Monday.',
    html: null,
    from: { email: `${id}@example.com`, name: 'A customer' },
    writtenAt: Date.now(),
    priority: null,
    supportType: null,
    tags: [],
    fieldsTextId: null,
    followUpOf: null,
    splitFrom: null,
    inboxId: null,
    ...over,
  });
  return { name, command };
}
