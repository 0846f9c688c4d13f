/**
 * The methods of Slack's Web API that the desk calls, with Slack's names for what goes wrong.
 *
 * A retained part of a message stays on `chat.update` as Slack documents it. Does not promise scopes, channel membership
 * or the expiry of a trigger.
 */
import { randomUUID } from 'node:crypto';
import { z } from 'zod';
import { type Block, readBlocks } from './slack-blocks.ts';
import { type SlackMessage, type SlackStore, workspace } from './slack-store.ts';

/** What a method answers, without `ok`; `error` makes it a refusal. */
type Refusal = { error: string; response_metadata?: object };
type Answer = Refusal | { [field: string]: unknown; error?: never };
type Method = (args: unknown, store: SlackStore) => Answer;

// A form carries everything as text, JSON carries numbers and booleans: both mean the same to Slack.
const flag = z.union([
  z.boolean(),
  z.enum(['true', 'false', '1', '0']).transform((word) => word === 'true' || word === '1'),
]);
const channelId = z.string().regex(/^[CDGU][A-Z0-9]+$/);
const content = { text: z.string().optional(), blocks: z.unknown().optional(), metadata: z.unknown().optional() };
const postSchema = z.looseObject({ channel: channelId, thread_ts: z.string().optional(), ...content });
const updateSchema = z.looseObject({ channel: channelId, ts: z.string(), ...content });
const ephemeralSchema = z.looseObject({ channel: channelId, user: z.string(), ...content });
const listSchema = z.looseObject({
  channel: channelId,
  oldest: z.coerce.string().default('0'),
  latest: z.coerce.string().optional(),
  inclusive: flag.default(false),
  include_all_metadata: flag.default(false),
  limit: z.coerce.number().int().min(1).max(999).default(100),
  cursor: z.string().optional(),
});
const viewSchema = z.looseObject({ trigger_id: z.string().min(1), view: z.looseObject({ type: z.string() }) });

/** The methods by name; a name that is not here is Slack's `unknown_method`. */
export const slackMethods: ReadonlyMap<string, Method> = new Map([
  ['auth.test', authTest],
  ['chat.postMessage', withArguments(postSchema, postMessage)],
  ['chat.update', withArguments(updateSchema, updateMessage)],
  ['chat.postEphemeral', withArguments(ephemeralSchema, postEphemeral)],
  ['conversations.history', withArguments(listSchema, history)],
  ['conversations.replies', withArguments(listSchema.extend({ ts: z.string() }), replies)],
  ['users.info', withArguments(z.looseObject({ user: z.string() }), userInfo)],
  ['views.open', withArguments(viewSchema, openView)],
]);

function withArguments<S extends z.ZodType>(
  schema: S,
  method: (args: z.infer<S>, store: SlackStore) => Answer,
): Method {
  return (args, store) => {
    const parsed = schema.safeParse(args);
    if (parsed.success) return method(parsed.data, store);
    const wrong = parsed.error.issues.map(
      ({ path, message }) => `[ERROR] ${message} [json-pointer:/${path.join('/')}]`,
    );
    const isChannel = parsed.error.issues.some(({ path }) => path[0] === 'channel');
    return { error: isChannel ? 'channel_not_found' : 'invalid_arguments', response_metadata: { messages: wrong } };
  };
}

function authTest(): Answer {
  const { team, bot } = workspace;
  const url = `https://${team.domain}.slack.com/`;
  return { url, team: team.name, user: bot.name, team_id: team.id, user_id: bot.userId, bot_id: bot.botId };
}

function postMessage(args: z.infer<typeof postSchema>, store: SlackStore): Answer {
  const read = readContent(args);
  if ('error' in read) return read;
  // Slack opens the direct conversation when a message is posted to a person.
  const channel = args.channel.replace(/^U/, 'D');
  const message: SlackMessage = {
    type: 'message',
    user: workspace.bot.userId,
    bot_id: workspace.bot.botId,
    app_id: workspace.appId,
    team: workspace.team.id,
    ts: store.newTs(),
    text: args.text ?? '',
    ...(read.blocks && { blocks: read.blocks }),
    ...(args.metadata !== undefined && { metadata: args.metadata }),
    ...(args.thread_ts !== undefined && { thread_ts: args.thread_ts }),
  };
  store.add(channel, message);
  return { channel, ts: message.ts, message };
}

function updateMessage(args: z.infer<typeof updateSchema>, store: SlackStore): Answer {
  const message = store.find(args.channel, args.ts);
  if (message === undefined) return { error: 'message_not_found' };
  if (message.user !== workspace.bot.userId) return { error: 'cant_update_message' };
  const read = readContent(args);
  if ('error' in read) return read;
  message.text = args.text ?? message.text;
  if (read.blocks !== undefined) message.blocks = read.blocks;
  if (args.metadata !== undefined) message.metadata = args.metadata;
  message.edited = { user: workspace.bot.userId, ts: store.newTs() };
  return { channel: args.channel, ts: message.ts, text: message.text, message };
}

function postEphemeral(args: z.infer<typeof ephemeralSchema>, store: SlackStore): Answer {
  const read = readContent(args);
  if ('error' in read) return read;
  const ts = store.newTs();
  store.ephemeral.push({
    channel: args.channel,
    user: args.user,
    ts,
    text: args.text ?? '',
    blocks: read.blocks ?? [],
  });
  return { message_ts: ts };
}

function readContent(args: { text?: string | undefined; blocks?: unknown }): { blocks?: Block[] } | Refusal {
  const read = args.blocks === undefined ? undefined : readBlocks(args.blocks);
  if (read !== undefined && 'wrong' in read) {
    const messages = read.wrong.map((sentence) => `[ERROR] ${sentence}`);
    return { error: 'invalid_blocks', response_metadata: { messages } };
  }
  if ((args.text ?? '') === '' && (read?.blocks ?? []).length === 0) return { error: 'no_text' };
  return read ?? {};
}

function history(args: z.infer<typeof listSchema>, store: SlackStore): Answer {
  const topLevel = store
    .messages(args.channel)
    .filter(({ ts, thread_ts }) => thread_ts === undefined || thread_ts === ts);
  return page(topLevel.toReversed(), args);
}

function replies(args: z.infer<typeof listSchema> & { ts: string }, store: SlackStore): Answer {
  const thread = store.messages(args.channel).filter(({ ts, thread_ts }) => ts === args.ts || thread_ts === args.ts);
  return thread.length === 0 ? { error: 'thread_not_found' } : page(thread, args);
}

function page(messages: readonly SlackMessage[], args: z.infer<typeof listSchema>): Answer {
  const { oldest, latest, inclusive, limit } = args;
  const inRange = messages.filter(({ ts }) => {
    if (inclusive && (ts === oldest || ts === latest)) return true;
    return Number(ts) > Number(oldest) && (latest === undefined || Number(ts) < Number(latest));
  });
  const start = Number(args.cursor === undefined ? 0 : Buffer.from(args.cursor, 'base64url').toString()) || 0;
  const shown = inRange.slice(start, start + limit);
  const more = start + limit < inRange.length;
  const cursor = more ? Buffer.from(String(start + limit)).toString('base64url') : '';
  return {
    messages: args.include_all_metadata ? shown : shown.map(({ metadata: _metadata, ...message }) => message),
    has_more: more,
    response_metadata: { next_cursor: cursor },
  };
}

function userInfo(args: { user: string }, store: SlackStore): Answer {
  if (!/^[UW][A-Z0-9]+$/.test(args.user)) return { error: 'user_not_found' };
  const { id, username, name } = store.user(args.user);
  const profile = { real_name: name, display_name: username, email: `${username}@example.com` };
  const isBot = id === workspace.bot.userId;
  return {
    user: { id, team_id: workspace.team.id, name: username, real_name: name, tz: 'UTC', is_bot: isBot, profile },
  };
}

function openView(args: z.infer<typeof viewSchema>, store: SlackStore): Answer {
  const hash = `${store.newTs()}.${randomUUID().slice(0, 8)}`;
  const id = `V${randomUUID().slice(0, 8).toUpperCase()}`;
  const { team, bot } = workspace;
  const view = {
    id,
    team_id: team.id,
    app_id: workspace.appId,
    bot_id: bot.botId,
    hash,
    state: { values: {} },
    ...args.view,
  };
  store.views.push({ id, hash, triggerId: args.trigger_id, view });
  return { view };
}
