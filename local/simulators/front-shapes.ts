/**
 * Front's own objects: conversation, message, event, and its errors, as its Core API documents them.
 *
 * Carries the fields that a support desk reads. Does not promise every field that Front has.
 */
import { randomInt } from 'node:crypto';

/** Facts that come from third parties or from documentation that we could not try: correct them here. */
export const frontFacts = {
  /** The event types of an application webhook, by the type of the event inside. † */
  applicationTypes: new Map([
    ['inbound', 'inbound_received'],
    ['outbound', 'outbound_sent'],
    ['out_reply', 'outbound_sent'],
    ['comment', 'new_comment_added'],
    ['assign', 'assignee_changed'],
    ['unassign', 'assignee_changed'],
    ['archive', 'conversation_archived'],
    ['reopen', 'conversation_reopened'],
    ['trash', 'conversation_deleted'],
    ['restore', 'conversation_restored'],
    ['move', 'conversation_moved'],
    ['tag', 'tag_added'],
    ['untag', 'tag_removed'],
    ['sending_error', 'message_delivery_failed'],
    ['message_bounce_error', 'message_delivery_failed'],
  ]),
  companyId: 'cmp_holdfast',
  inbox: { id: 'inb_support', name: 'Support', address: 'support@holdfast.example' },
  pageLimit: 50,
  pageLimitMost: 100,
} as const;

/** A base-36 id with one of Front's prefixes, such as `cnv_1x9k2f0qz3`. */
export function newFrontId(prefix: 'evt' | 'cnv' | 'msg'): string {
  return `${prefix}_${Array.from({ length: 10 }, () => randomInt(36).toString(36)).join('')}`;
}

type FrontRecipient = { handle: string; role: 'from' | 'to'; name: string | null; _links: object };

export type FrontMessage = {
  _links: object;
  id: string;
  message_uid: string;
  type: 'email';
  is_inbound: boolean;
  is_draft: boolean;
  error_type: null;
  created_at: number;
  subject: string;
  blurb: string;
  body: string;
  text: string;
  author: object | null;
  recipients: FrontRecipient[];
  attachments: object[];
  metadata: object;
};

export type FrontConversation = {
  _links: object;
  id: string;
  subject: string;
  status: 'unassigned' | 'archived';
  assignee: null;
  recipient: FrontRecipient;
  tags: object[];
  links: object[];
  custom_fields: object;
  created_at: number;
  is_private: boolean;
  scheduled_reminders: object[];
  metadata: object;
};

/** A conversation as `GET /conversations/{id}` shows it; `at` is in seconds, with a fraction. */
export function frontConversation(
  origin: string,
  id: string,
  subject: string,
  from: Person,
  at: number,
): FrontConversation {
  const self = `${origin}/conversations/${id}`;
  const related = {
    events: `${self}/events`,
    followers: `${self}/followers`,
    messages: `${self}/messages`,
    comments: `${self}/comments`,
    inboxes: `${self}/inboxes`,
  };
  return {
    _links: { self, related },
    id,
    subject,
    status: 'unassigned',
    assignee: null,
    recipient: recipient(from.email, 'from', from.name),
    tags: [],
    links: [],
    custom_fields: {},
    created_at: at,
    is_private: false,
    scheduled_reminders: [],
    metadata: {},
  };
}

export type Person = { email: string; name?: string | undefined };
type MessageFacts = {
  id: string;
  inbound: boolean;
  subject: string;
  html: string;
  text: string;
  customer: Person;
  at: number;
  attachments?: object[];
};

/** A message as `GET /messages/{id}` shows it: `body` is HTML, `text` the same without tags. */
export function frontMessage(origin: string, conversationId: string, facts: MessageFacts): FrontMessage {
  const { id, inbound, customer } = facts;
  const { address, name } = frontFacts.inbox;
  const related = { conversation: `${origin}/conversations/${conversationId}` };
  return {
    _links: { self: `${origin}/messages/${id}`, related },
    id,
    message_uid: id.slice('msg_'.length),
    type: 'email',
    is_inbound: inbound,
    is_draft: false,
    error_type: null,
    created_at: facts.at,
    subject: facts.subject,
    blurb: facts.text.replaceAll(/\s+/g, ' ').slice(0, 100),
    body: facts.html,
    text: facts.text,
    author: null,
    recipients: [
      recipient(inbound ? customer.email : address, 'from', inbound ? customer.name : name),
      recipient(inbound ? address : customer.email, 'to', inbound ? name : customer.name),
    ],
    attachments: facts.attachments ?? [],
    metadata: {},
  };
}

function recipient(handle: string, role: 'from' | 'to', name: string | undefined): FrontRecipient {
  return { _links: { related: { contact: null } }, name: name ?? null, handle, role };
}

/** An error in Front's shape. */
export function frontError(status: number, title: string, message: string) {
  return { status, body: { _error: { status, title, message } } };
}

/** Plain text as the HTML in which Front keeps a mail. */
export function asHtml(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<div>${escaped.replaceAll('\n', '<br>')}</div>`;
}

/** The text of an HTML mail, good enough for a blurb. */
export function asText(html: string): string {
  const breaks = html.replaceAll(/<br\s*\/?>|<\/(?:p|div|li)>/gi, '\n');
  const bare = breaks.replaceAll(/<[^>]*>/g, '');
  const text = bare.replaceAll('&lt;', '<').replaceAll('&gt;', '>').replaceAll('&nbsp;', ' ').replaceAll('&amp;', '&');
  return text.trim();
}
