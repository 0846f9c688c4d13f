/**
 * The conversations and messages that the Front simulator holds.
 *
 * A conversation that was never seen here exists all the same when its id has Front's form, because the desk may outlive
 * this memory; only the ids declared missing do not. Does not promise to know such a conversation's subject or customer.
 */
import {
  asHtml,
  asText,
  type FrontConversation,
  type FrontMessage,
  frontConversation,
  frontMessage,
  newFrontId,
  type Person,
} from './front-shapes.ts';

type Kept = { conversation: FrontConversation; messages: FrontMessage[]; customer: Person };

export class FrontStore {
  readonly #kept = new Map<string, Kept>();
  readonly #messages = new Map<string, FrontMessage>();
  #missing = new Set<string>();
  /** The simulator's own address, for the links inside Front's objects. */
  origin = '';

  /** Declares which conversation and message ids do not exist; replaces the earlier list. */
  declareMissing(ids: readonly string[]): void {
    this.#missing = new Set(ids);
  }

  /** Returns the conversation with its messages, newest first, or undefined when Front would not know the id. */
  conversation(id: string): { conversation: FrontConversation; messages: readonly FrontMessage[] } | undefined {
    if (this.#missing.has(id) || !/^cnv_[a-z0-9]+$/.test(id)) return undefined;
    const { conversation, messages } = this.#open(id, 'An earlier conversation', { email: 'unknown@example.com' });
    return { conversation, messages: messages.toReversed() };
  }

  /** Returns a message by its id, or by `alt:uid:{message_uid}` as Front allows. */
  message(id: string): FrontMessage | undefined {
    const plain = id.startsWith('alt:uid:') ? `msg_${id.slice('alt:uid:'.length)}` : id;
    return this.#missing.has(plain) ? undefined : this.#messages.get(plain);
  }

  /** Keeps a customer's message, or one of ours sent from Front itself; the same id twice is kept once. */
  receive(facts: Received): { conversation: FrontConversation; message: FrontMessage } {
    const kept = this.#open(facts.conversationId, facts.subject, facts.from);
    const { messageId: id, inbound, subject, at, from: customer } = facts;
    const known = this.#messages.get(id);
    if (known !== undefined) return { conversation: kept.conversation, message: known };
    // A customer's mail arrives as text or as HTML; Front has both of either.
    const isHtml = /<[a-z][^>]*>/i.test(facts.body);
    const html = isHtml ? facts.body : asHtml(facts.body);
    const text = isHtml ? asText(facts.body) : facts.body;
    const message = this.#keep(kept, { id, inbound, subject, html, text, customer, at });
    return { conversation: kept.conversation, message };
  }

  /** Keeps a reply that came by the API; undefined when Front would not know the conversation. */
  reply(conversationId: string, reply: Reply) {
    if (this.conversation(conversationId) === undefined) return undefined;
    const kept = this.#kept.get(conversationId);
    if (kept === undefined) return undefined;
    const subject = reply.subject ?? kept.conversation.subject;
    const text = reply.text ?? asText(reply.body);
    const { body: html, attachments } = reply;
    const facts = { id: newFrontId('msg'), inbound: false, subject, html, text, customer: kept.customer, attachments };
    return this.#keep(kept, { ...facts, at: Date.now() / 1000 });
  }

  /** The conversation an event speaks of, made up where it is new. */
  touch(id: string, subject: string, from: Person): FrontConversation {
    return this.#open(id, subject, from).conversation;
  }

  /** Everything held, for `GET /_sim/state`. */
  state() {
    const conversations = [...this.#kept.values()].map(({ conversation, messages }) => ({ ...conversation, messages }));
    return { conversations, missing: [...this.#missing] };
  }

  #open(id: string, subject: string, customer: Person): Kept {
    const known = this.#kept.get(id);
    if (known !== undefined) return known;
    const conversation = frontConversation(this.origin, id, subject, customer, Date.now() / 1000);
    const kept: Kept = { conversation, messages: [], customer };
    this.#kept.set(id, kept);
    return kept;
  }

  #keep(kept: Kept, facts: Parameters<typeof frontMessage>[2]): FrontMessage {
    const message = frontMessage(this.origin, kept.conversation.id, facts);
    kept.messages.push(message);
    this.#messages.set(message.id, message);
    return message;
  }
}

type Reply = { body: string; text?: string | undefined; subject?: string | undefined; attachments: object[] };

type Received = {
  conversationId: string;
  messageId: string;
  inbound: boolean;
  subject: string;
  body: string;
  from: Person;
  at: number;
};
