/**
 * The channels, messages, views and people that the Slack simulator holds.
 *
 * Every channel id of Slack's form exists and is empty at first. Does not promise membership, permissions or channel names.
 */
import { type Block, findElement } from './slack-blocks.ts';

/** Who we are in this workspace: facts that Slack would give. */
export const workspace = {
  team: { id: 'T0HOLDFAST', domain: 'holdfast', name: 'Holdfast' },
  bot: { userId: 'U0HOLDBOT', botId: 'B0HOLDBOT', name: 'holdfast' },
  appId: 'A0HOLDFAST',
} as const;

export type SlackMessage = {
  type: 'message';
  ts: string;
  user: string;
  team: string;
  text: string;
  blocks?: Block[];
  metadata?: unknown;
  bot_id?: string;
  app_id?: string;
  thread_ts?: string;
  reply_count?: number;
  latest_reply?: string;
  edited?: { user: string; ts: string };
};

export type SlackUser = { id: string; username: string; name: string };
type Ephemeral = { channel: string; user: string; ts: string; text: string; blocks: Block[] };
type View = { id: string; hash: string; triggerId: string; view: object };
type ClickAnswer = { token: string; at: string; body: unknown };

export class SlackStore {
  readonly #channels = new Map<string, SlackMessage[]>();
  readonly #users = new Map<string, SlackUser>();
  readonly ephemeral: Ephemeral[] = [];
  readonly views: View[] = [];
  /** What the desk posted to the response_url of a click. */
  readonly responses: ClickAnswer[] = [];
  #lastMicroseconds = 0;

  /** A timestamp that no other message has: seconds and microseconds, as Slack's message ids are. */
  newTs(): string {
    this.#lastMicroseconds = Math.max(Date.now() * 1000, this.#lastMicroseconds + 1);
    const digits = String(this.#lastMicroseconds);
    return `${digits.slice(0, -6)}.${digits.slice(-6)}`;
  }

  /** Keeps a message; a reply is counted on its thread's parent. */
  add(channel: string, message: SlackMessage): SlackMessage {
    const messages = this.messages(channel);
    messages.push(message);
    this.#channels.set(channel, messages);
    const parent = message.thread_ts === undefined ? undefined : this.find(channel, message.thread_ts);
    if (parent !== undefined) {
      parent.thread_ts = parent.ts;
      parent.reply_count = (parent.reply_count ?? 0) + 1;
      parent.latest_reply = message.ts;
    }
    return message;
  }

  /** The channel's messages, oldest first. */
  messages(channel: string): SlackMessage[] {
    return this.#channels.get(channel) ?? [];
  }

  /** The ids of all channels that hold a message. */
  channels(): string[] {
    return [...this.#channels.keys()];
  }

  find(channel: string, ts: string): SlackMessage | undefined {
    return this.messages(channel).find((message) => message.ts === ts);
  }

  /** The newest message, in any channel, that has an element with this action. */
  newestWithAction(actionId: string, channel?: string): { channel: string; message: SlackMessage } | undefined {
    const all = [...this.#channels].flatMap(([id, messages]) => messages.map((message) => ({ channel: id, message })));
    return all
      .filter((one) => channel === undefined || one.channel === channel)
      .toSorted((one, other) => other.message.ts.localeCompare(one.message.ts))
      .find(({ message }) => findElement(message.blocks ?? [], actionId) !== undefined);
  }

  /** Remembers a person by what a click or command said of him. */
  meet(user: SlackUser): void {
    this.#users.set(user.id, user);
  }

  /** Returns the person; one who was never met has a name made of his id. */
  user(id: string): SlackUser {
    const { bot } = workspace;
    if (id === bot.userId) return { id, username: bot.name, name: 'Holdfast' };
    return this.#users.get(id) ?? { id, username: id.toLowerCase(), name: id };
  }

  /** Everything held, for `GET /_sim/state`. */
  state() {
    const { ephemeral, views, responses } = this;
    return {
      channels: Object.fromEntries(this.#channels),
      users: [...this.#users.values()],
      ephemeral,
      views,
      responses,
    };
  }
}
