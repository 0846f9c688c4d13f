/**
 * Front: its webhooks' signatures and bodies, and the two calls that the desk makes.
 *
 * Does not promise exactly one reply: Front's API takes no idempotency key, so a process that dies between Front's
 * acceptance and our record may send a reply twice. Nor does it check how old a webhook is: Front repeats an
 * undelivered one, and a repeated event is known by its id.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import type { OutgoingReply, ReplyChannel } from './channel.ts';
import { frontReply } from './front-reply.ts';
import { vendorCall } from './vendor-call.ts';
import { VendorError, withoutSecrets } from './vendor-error.ts';

/** Facts from third parties and from documentation that we could not try († in vendors.md): correct them here. */
export const FRONT_FACTS = {
  signatureHeader: 'x-front-signature',
  timestampHeader: 'x-front-request-timestamp',
  challengeHeader: 'x-front-challenge',
  /** The inner type of a customer's message. */
  inboundType: 'inbound',
  /** The outer type with which Front checks an address. */
  syncType: 'sync',
  /** How long a call may take. */
  timeoutMs: 10_000,
  /** The same with files. */
  filesTimeoutMs: 25_000,
  /** Longer than this, a `Retry-After` is not believed. */
  longestWaitSeconds: 3600,
} as const;

export interface FrontSecrets {
  appSigningKey: string;
  ruleSecret: string;
}

/**
 * Whose webhook this is by its signature over the raw bytes: the application's (base64 HMAC-SHA256 of `{ms}:{body}`), a
 * rule's (base64 HMAC-SHA1 of the body), or nobody's. Header names are in small letters, as node:http gives them.
 */
export function verifyFront(
  headers: Readonly<Record<string, string | string[] | undefined>>,
  rawBody: Uint8Array,
  { appSigningKey, ruleSecret }: FrontSecrets,
): 'app' | 'rule' | null {
  const signature = headers[FRONT_FACTS.signatureHeader];
  const timestamp = headers[FRONT_FACTS.timestampHeader];
  if (typeof signature !== 'string' || appSigningKey === '' || ruleSecret === '') return null;
  if (typeof timestamp === 'string' && timestamp !== '') {
    const expected = createHmac('sha256', appSigningKey).update(`${timestamp}:`).update(rawBody).digest('base64');
    if (isEqual(signature, expected)) return 'app';
  }
  return isEqual(signature, createHmac('sha1', ruleSecret).update(rawBody).digest('base64')) ? 'rule' : null;
}

/** Compares the texts whole: decoding base64 first would take what is cut, padded or spaced for the same. */
function isEqual(given: string, expected: string): boolean {
  const [a, b] = [Buffer.from(given), Buffer.from(expected)];
  return a.length === b.length && timingSafeEqual(a, b);
}

export interface FrontMessage {
  subject: string | null;
  /** The message's text; empty when it holds none, such as a mail of pictures only. */
  body: string;
  html: string | null;
  from: { email: string; name: string | null };
}

export interface FrontEvent {
  eventId: string;
  type: string;
  conversationId: string;
  messageId: string | null;
  /** Milliseconds since 1970; null where Front did not tell. */
  emittedAt: number | null;
  /** Whether the message came with its text; a preview has none and is fetched by its id. */
  hasText: boolean;
  message?: FrontMessage;
}

const id = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
const words = z.string().transform((text) => text.replaceAll('\u0000', ''));
const seconds = z.number().min(0).max(1e11);

const messageSchema = z.object({
  id,
  subject: words.nullish(),
  body: words.nullish(),
  text: words.nullish(),
  created_at: seconds.nullish(),
  recipients: z.array(z.object({ handle: words, role: z.string(), name: words.nullish() })).nullish(),
});
type RawMessage = z.infer<typeof messageSchema>;

const eventSchema = z.object({
  id,
  type: z.string().regex(/^[A-Za-z0-9_.-]{1,100}$/),
  emitted_at: seconds.nullish().catch(null),
  conversation: z.object({ id }),
  target: z
    .object({ data: messageSchema.nullish().catch(null) })
    .nullish()
    .catch(null),
});
const syncSchema = z.object({ type: z.literal(FRONT_FACTS.syncType) });
const envelopeSchema = z.object({ payload: z.looseObject({}) });

/** Whether a body is Front's question about the address itself; it is answered with the challenge. */
export function isFrontSync(body: unknown): boolean {
  return syncSchema.safeParse(body).success;
}

/** Reads an application's envelope or a rule's bare event; null when event id, type or conversation is missing. */
export function readFrontEvent(body: unknown): FrontEvent | null {
  const envelope = envelopeSchema.safeParse(body);
  const event = eventSchema.safeParse(envelope.success ? envelope.data.payload : body);
  if (!event.success) return null;
  const { id: eventId, type, conversation, emitted_at: emittedAt, target } = event.data;
  const message = target?.data == null ? null : messageOf(target.data);
  return {
    eventId,
    type,
    conversationId: conversation.id,
    messageId: target?.data?.id ?? null,
    emittedAt: emittedAt == null ? null : Math.round(emittedAt * 1000),
    hasText: message !== null && message.body.trim() !== '',
    ...(message === null ? {} : { message }),
  };
}

function messageOf(raw: RawMessage): FrontMessage | null {
  const sender = raw.recipients?.find(({ role }) => role === 'from');
  if (sender === undefined || sender.handle.trim() === '') return null;
  const html = raw.body ?? null;
  const text = raw.text ?? '';
  return {
    subject: raw.subject ?? null,
    body: text.trim() === '' && html !== null ? textOf(html) : text,
    html,
    from: { email: sender.handle.trim(), name: sender.name ?? null },
  };
}

/** Good enough to read and to triage, where Front gives HTML alone; it is never shown as HTML. */
function textOf(html: string): string {
  return html
    .replaceAll(/<(style|script)\b[^]*?<\/\1\s*>/gi, '')
    .replaceAll(/<br\s*\/?>|<\/(?:p|div|li|tr|h\d)>/gi, '\n')
    .replaceAll(/<[^>]*>/g, '')
    .replaceAll('&nbsp;', ' ')
    .replaceAll('&lt;', '<')
    .replaceAll('&gt;', '>')
    .replaceAll('&quot;', '"')
    .replaceAll('&amp;', '&')
    .trim();
}

export interface Front extends ReplyChannel {
  /** Fetches a message whole; `writtenAt` is in milliseconds since 1970. Throws a VendorError. */
  fetchMessage(messageId: string, signal?: AbortSignal): Promise<FrontMessage & { writtenAt: number | null }>;
  /** Replies in a conversation; answers Front's id of the accepted message. Without `html` the text is made into it. */
  send(
    conversationId: string,
    reply: OutgoingReply & { html?: string },
    signal?: AbortSignal,
  ): Promise<{ externalId: string | null }>;
}

/** How much of the vendor's words people are shown. */
const LONGEST_REASON = 300;

const acceptedSchema = z.object({ message_uid: z.string().nullish() });
const errorSchema = z.object({ _error: z.object({ title: z.string().nullish(), message: z.string().nullish() }) });

/**
 * The client of Front's API at `apiUrl`; every call ends after ten seconds, one with files after twenty-five.
 *
 * @example await createFront({ apiUrl, apiToken }).send('cnv_1x', { text: 'Hello', html: '<p>Hello</p>' })
 */
export function createFront({ apiUrl, apiToken }: { apiUrl: string; apiToken: string }): Front {
  return {
    async fetchMessage(messageId, signal) {
      const raw = messageSchema.safeParse(
        await call('fetch', 'GET', `/messages/${encodeURIComponent(messageId)}`, signal),
      );
      const message = raw.success ? messageOf(raw.data) : null;
      if (!raw.success || message === null) throw unreadable();
      const { created_at: createdAt } = raw.data;
      return { ...message, writtenAt: createdAt == null ? null : Math.round(createdAt * 1000) };
    },
    async send(conversationId, reply, signal) {
      const path = `/conversations/${encodeURIComponent(conversationId)}/messages`;
      const accepted = acceptedSchema.safeParse(await call('send', 'POST', path, signal, frontReply(reply)));
      // Accepted is accepted: an answer that we cannot read must not make us send again.
      return { externalId: accepted.success ? (accepted.data.message_uid ?? null) : null };
    },
  };

  async function call(
    operation: 'fetch' | 'send',
    method: string,
    path: string,
    signal?: AbortSignal,
    body?: object,
  ): Promise<unknown> {
    const form = body instanceof FormData ? body : null;
    const timeout = AbortSignal.timeout(form === null ? FRONT_FACTS.timeoutMs : FRONT_FACTS.filesTimeoutMs);
    const request: RequestInit = {
      method,
      headers: {
        Authorization: `Bearer ${apiToken}`,
        Accept: 'application/json',
        // A form brings its own, with the boundary.
        ...(body && form === null && { 'Content-Type': 'application/json' }),
      },
      redirect: 'error',
      signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
      ...(body && { body: form ?? JSON.stringify(body) }),
    };
    return vendorCall({ vendor: 'front', operation, signal }, async (answered) => {
      const response = await reach(`${apiUrl.replace(/\/+$/, '')}${path}`, request, signal);
      answered(response.status);
      if (!response.ok) throw await refusal(response, apiToken);
      return parsed(await response.text().catch(() => ''));
    });
  }
}

/** A caller who stopped waiting gets his own reason; everything else that brings no answer may be tried again. */
async function reach(url: string, request: RequestInit, signal: AbortSignal | undefined): Promise<Response> {
  try {
    return await fetch(url, request);
  } catch {
    signal?.throwIfAborted();
    // The cause may quote the address that was called; the fact that matters is that nobody answered.
    throw new VendorError('Front did not answer.', {
      service: 'Front',
      status: null,
      retryable: true,
      reason: 'Front did not answer in time, or could not be reached.',
    });
  }
}

async function refusal(response: Response, secret: string): Promise<VendorError> {
  const { status, headers } = response;
  const fault = errorSchema.safeParse(parsed(await response.text().catch(() => '')));
  const words = fault.success ? (fault.data._error.message ?? fault.data._error.title) : null;
  const wait = retryAfterSeconds(headers.get('retry-after'));
  return new VendorError(`Front answered ${status}.`, {
    service: 'Front',
    status,
    retryable: status >= 500 || status === 429 || status === 408,
    ...(wait !== undefined && { retryAfterSeconds: wait }),
    reason: withoutSecrets([secret], words ?? `Front answered ${status} without a reason.`)
      .replaceAll('\u0000', '')
      .slice(0, LONGEST_REASON),
  });
}

function unreadable(): VendorError {
  const reason = 'Front answered with a message that names no id or no sender.';
  return new VendorError('Front gave a message that could not be read.', {
    service: 'Front',
    status: 200,
    retryable: false,
    reason,
  });
}

function retryAfterSeconds(header: string | null): number | undefined {
  const text = header?.trim() ?? '';
  if (text === '') return undefined;
  const seconds = /^\d+(\.\d+)?$/.test(text) ? Number(text) : (Date.parse(text) - Date.now()) / 1000;
  if (!Number.isFinite(seconds)) return undefined;
  return Math.min(Math.max(Math.ceil(seconds), 0), FRONT_FACTS.longestWaitSeconds);
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Whoever needs an object finds out that this is none.
    return undefined;
  }
}
