/**
 * From words to a command: stores a message's text and its customer, and answers the facts that the ticket needs of it.
 * Safe to run twice: ids come from the message, a known customer stays, a stored text stays.
 */
import type { Pool, PoolClient } from 'pg';
import { v5 as uuidOf, v7 as newId } from 'uuid';
import type { ReceiveMessage } from '../domain/commands.ts';
import type { Channel, Priority } from '../domain/ticket.ts';
import { policyFor, type SettingsReader, typeFactsFor } from './settings.ts';

/** The desk's own namespace for ids that are made from a vendor's id, so that the same message has the same id. */
const NAMESPACE = '4f1d6a52-8b3c-5e0f-9a67-2c81d45e7b90';

/** The desk's id of a vendor's thing, such as `messageIdOf('front', 'msg_1x')`. */
export function messageIdOf(source: string, externalId: string): string {
  return uuidOf(`${source}:${externalId}`, NAMESPACE);
}

export interface IncomingMessage {
  commandId: string;
  requestId: string;
  messageId: string;
  channel: Channel;
  conversationId: string | null;
  subject: string | null;
  body: string;
  html: string | null;
  from: { email: string; name: string | null };
  /** Milliseconds since 1970. */
  writtenAt: number;
  priority: Priority | null;
  supportType: string | null;
  tags: string[];
  /** The text that holds the custom fields, as JSON. */
  fieldsTextId: string | null;
  followUpOf: string | null;
  splitFrom: string | null;
  inboxId: string | null;
}

/**
 * A customer whom nobody knew joins the organisation that has the domain of his address; whoever is known stays where he
 * is. His tier is his own, or else his organisation's.
 */
const STORE = `
  with customer as (
    insert into customers as c (id, email, name, organisation_id, created_at)
    values ($1, lower($2), $3, (select o.id from organisations o where o.domain = split_part(lower($2), '@', 2)), now())
    on conflict (email) do update set name = coalesce(c.name, excluded.name),
      updated_at = case when c.name is null and excluded.name is not null then now() else c.updated_at end
    returning id, tier, organisation_id
  ), stored as (
    insert into texts (id, subject, body, html) values ($4, $5, $6, $7) on conflict (id) do nothing
  )
  select customer.id as "customerId", coalesce(customer.tier, o.tier) as "customerTier", v.version as "settingsVersion"
  from customer left join organisations o on o.id = customer.organisation_id cross join settings_version v
`;

/** Stores the words and the customer of `message`, and answers the command that carries it into its ticket. */
export async function intake(
  db: Pool | PoolClient,
  settings: SettingsReader,
  message: IncomingMessage,
): Promise<ReceiveMessage> {
  const textId = uuidOf('text', message.messageId);
  const { rows } = await db.query<{ customerId: string; customerTier: string | null; settingsVersion: number }>({
    name: 'intake',
    text: STORE,
    values: [
      newId(),
      message.from.email,
      storable(message.from.name),
      textId,
      storable(message.subject),
      storable(message.body),
      storable(message.html),
    ],
  });
  const facts = rows[0];
  if (facts === undefined) throw new Error('settings_version has no row; was the database migrated?');
  const current = await settings.read(facts.settingsVersion);
  const supportType = typeFactsFor(current, message.supportType);
  const policy = policyFor(current, {
    tier: facts.customerTier,
    severity: null,
    priority: message.priority ?? 'normal',
    supportType: supportType?.id ?? null,
    channel: message.channel,
    tags: message.tags,
  });
  return {
    type: 'receiveMessage',
    id: message.commandId,
    requestId: message.requestId,
    messageId: message.messageId,
    textId,
    customerId: facts.customerId,
    customerTier: facts.customerTier,
    channel: message.channel,
    conversationId: message.conversationId,
    writtenAt: message.writtenAt,
    priority: message.priority,
    supportType,
    tags: message.tags,
    fieldsTextId: message.fieldsTextId,
    policy,
    followUpOf: message.followUpOf,
    splitFrom: message.splitFrom,
    inboxId: message.inboxId,
  };
}

/** PostgreSQL's text takes every character but NUL. */
function storable<T extends string | null>(words: T): T | string {
  return words === null ? words : words.replaceAll('\u0000', '\uFFFD');
}

/** The ticket that has the message already, or null. */
export async function ticketOfMessage(db: Pool, messageId: string): Promise<string | null> {
  const { rows } = await db.query<{ ticketId: string }>({
    name: 'ticket-of-message',
    text: 'select ticket_id as "ticketId" from messages where id = $1',
    values: [messageId],
  });
  return rows[0]?.ticketId ?? null;
}

/** A new ticket's id and number. */
export async function newTicketName(db: Pool | PoolClient): Promise<{ ticketId: string; number: number }> {
  const { rows } = await db.query<{ number: number }>({
    name: 'new-ticket-number',
    text: `select nextval('ticket_numbers')::integer as number`,
  });
  const number = rows[0]?.number;
  if (number === undefined) throw new Error('The sequence ticket_numbers gave no number.');
  return { ticketId: newId(), number };
}
