/**
 * Front's webhooks: what an application and a rule send, and how each is signed.
 *
 * A rule's webhook may be a preview without the message's text. Does not promise Front's three retries of an application
 * webhook; a rule's webhook is never retried by Front either.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { z } from 'zod';
import { deliveryFields } from './delivery.ts';
import { frontFacts, type FrontConversation, type FrontMessage } from './front-shapes.ts';

const id = (prefix: string) => z.string().regex(new RegExp(`^${prefix}_[a-z0-9]+$`), `must look like ${prefix}_1a2b3c`);

export const frontEventSchema = z.strictObject({
  type: z.string().min(1).default('inbound'),
  via: z.enum(['app', 'rule']).default('app'),
  preview: z.boolean().default(false),
  conversationId: id('cnv').optional(),
  messageId: id('msg').optional(),
  eventId: id('evt').optional(),
  subject: z.string().default('A question about my order'),
  body: z.string().default('Hello, where is my order?'),
  from: z.strictObject({ email: z.email(), name: z.string().optional() }).default({ email: 'customer@example.com' }),
  emittedAt: z.iso.datetime({ offset: true }).optional(),
  ...deliveryFields,
});

/** Front's event about a conversation; `message` is its target where the event is about one. */
export function frontEvent(origin: string, event: EventFacts) {
  const { conversation, message, preview } = event;
  const target = message && { _meta: { type: 'message' }, data: preview ? previewOf(message) : message };
  return {
    _links: { self: `${origin}/events/${event.id}` },
    id: event.id,
    type: event.type,
    emitted_at: event.emittedAt,
    conversation,
    source: sourceOf(origin, message !== undefined),
    ...(target && { target }),
  };
}

type EventFacts = {
  id: string;
  type: string;
  emittedAt: number;
  conversation: FrontConversation;
  message: FrontMessage | undefined;
  preview: boolean;
};

/** Wraps an event as an application webhook does and signs it: base64 HMAC-SHA256 of `{ms}:{body}`. */
export function applicationWebhook(event: { type: string }, signingKey: string) {
  const type = frontFacts.applicationTypes.get(event.type) ?? event.type;
  return signedByApplication({ type, authorization: { id: frontFacts.companyId }, payload: event }, signingKey, {});
}

/** The signed question with which Front checks an address; the desk has to answer `{"challenge": …}`. */
export function syncWebhook(signingKey: string) {
  const body = { type: 'sync', authorization: { id: frontFacts.companyId } };
  return signedByApplication(body, signingKey, { 'X-Front-Challenge': randomUUID() });
}

/** Signs an event as a rule does: base64 HMAC-SHA1 of the body, which is the event itself. */
export function ruleWebhook(event: object, secret: string) {
  const body = JSON.stringify(event);
  const signature = createHmac('sha1', secret).update(body).digest('base64');
  return { headers: { 'Content-Type': 'application/json', 'X-Front-Signature': signature }, body };
}

function signedByApplication(envelope: object, signingKey: string, extra: Record<string, string>) {
  const body = JSON.stringify(envelope);
  const timestamp = String(Date.now());
  const signature = createHmac('sha256', signingKey).update(`${timestamp}:${body}`).digest('base64');
  const headers = {
    'Content-Type': 'application/json',
    'X-Front-Signature': signature,
    'X-Front-Request-Timestamp': timestamp,
    ...extra,
  };
  return { headers, body };
}

// What a preview leaves out is what makes it one: the text has to be fetched by the message's id.
function previewOf(message: FrontMessage) {
  const { body: _body, text: _text, recipients: _recipients, attachments: _attachments, ...rest } = message;
  return rest;
}

function sourceOf(origin: string, isMessage: boolean) {
  if (!isMessage) return { _meta: { type: 'teammate' }, data: { id: 'tea_holdfast', email: 'agent@holdfast.example' } };
  const { id: inboxId, name } = frontFacts.inbox;
  const inbox = { _links: { self: `${origin}/inboxes/${inboxId}` }, id: inboxId, name, is_private: false };
  return { _meta: { type: 'inboxes' }, data: [inbox] };
}
