/**
 * What Slack sends to the desk: clicks, submitted views, commands and events, each signed.
 *
 * Interactivity and commands are form-encoded, events are JSON, as with Slack. Does not promise Slack's three retries; a
 * retry is asked for with `retryNum`.
 */
import { createHmac, randomUUID } from 'node:crypto';
import { BadControl } from './simulator.ts';
import { type Element, findElement } from './slack-blocks.ts';
import { type SlackMessage, type SlackStore, workspace } from './slack-store.ts';
import {
  type ActionWish,
  type CommandWish,
  defaultChannel,
  type EventWish,
  type SlackWish,
  type ViewWish,
} from './slack-wishes.ts';

/** Builds the body of what Slack would send, `{type, body}`; throws a BadControl when the simulator does not hold it. */
export function slackBody(wish: SlackWish, store: SlackStore, origin: string): { type: string; body: string } {
  if (wish.kind === 'event') return { type: 'application/json', body: JSON.stringify(eventCallback(wish, store)) };
  store.meet(wish.user);
  const type = 'application/x-www-form-urlencoded';
  if (wish.kind === 'command') return { type, body: new URLSearchParams(commandFields(wish, origin)).toString() };
  const payload = wish.kind === 'action' ? blockActions(wish, store, origin) : viewSubmission(wish, store);
  return { type, body: new URLSearchParams({ payload: JSON.stringify(payload) }).toString() };
}

/** Slack's headers for a body: `v0=` and the hex HMAC-SHA256 of `v0:{seconds}:{body}`. */
export function slackHeaders(wish: SlackWish, type: string, body: string, secret: string): Record<string, string> {
  const timestamp = String(Math.floor(Date.now() / 1000));
  const signature = createHmac('sha256', secret).update(`v0:${timestamp}:${body}`).digest('hex');
  return {
    'Content-Type': type,
    'X-Slack-Request-Timestamp': timestamp,
    'X-Slack-Signature': `v0=${signature}`,
    ...(wish.retryNum !== undefined && {
      'X-Slack-Retry-Num': String(wish.retryNum),
      'X-Slack-Retry-Reason': wish.retryReason,
    }),
  };
}

function blockActions(wish: ActionWish, store: SlackStore, origin: string) {
  const { channel, message } = clickedMessage(wish, store);
  const found = findElement(message.blocks ?? [], wish.actionId);
  if (found === undefined && wish.value === undefined) {
    throw new BadControl(
      `The message ${message.ts} has no element with the action ${wish.actionId}, so its value is unknown.`,
    );
  }
  const element: Element = found?.element ?? { type: 'button', action_id: wish.actionId };
  const action = {
    action_id: wish.actionId,
    block_id: found?.block.block_id ?? 'b0',
    ...chosen(element, wish.value),
    action_ts: wish.actionTs ?? store.newTs(),
  };
  const container = { type: 'message', message_ts: message.ts, channel_id: channel, is_ephemeral: false };
  return {
    type: 'block_actions',
    ...common(wish),
    container,
    channel: { id: channel, name: 'support' },
    message,
    state: { values: {} },
    response_url: responseUrl(origin),
    actions: [action],
  };
}

function clickedMessage(wish: ActionWish, store: SlackStore): { channel: string; message: SlackMessage } {
  const { messageTs: ts, channel = defaultChannel } = wish;
  const known =
    ts === undefined ? store.newestWithAction(wish.actionId, wish.channel) : inAnyChannel(store, ts, wish.channel);
  if (known !== undefined) return known;
  if (ts === undefined) throw new BadControl(`No message holds an element with the action ${wish.actionId}.`);
  // The desk may outlive this memory: a click on a card posted earlier is still possible when its value is given.
  const { team, bot } = workspace;
  return {
    channel,
    message: { type: 'message', ts, user: bot.userId, bot_id: bot.botId, team: team.id, text: '', blocks: [] },
  };
}

function inAnyChannel(store: SlackStore, ts: string, channel: string | undefined) {
  const channels = channel === undefined ? store.channels() : [channel];
  const message = channels.map((id) => ({ channel: id, message: store.find(id, ts) })).find((one) => one.message);
  return message?.message === undefined ? undefined : { channel: message.channel, message: message.message };
}

function chosen(element: Element, value: string | undefined): object {
  const { type, text } = element;
  if (type === 'button') return { type, ...(text && { text }), value: value ?? element.value };
  if (type === 'users_select') return { type, selected_user: value };
  return { type, selected_option: { text: { type: 'plain_text', text: value ?? '' }, value } };
}

function viewSubmission(wish: ViewWish, store: SlackStore) {
  const opened = wish.viewId === undefined ? store.views.at(-1) : store.views.find(({ id }) => id === wish.viewId);
  if (opened === undefined) throw new BadControl('No such view is open, so none can be submitted.');
  return { type: 'view_submission', ...common(wish), view: { ...opened.view, state: { values: wish.values } } };
}

function commandFields(wish: CommandWish, origin: string): Record<string, string> {
  const { team, appId } = workspace;
  return {
    token: 'unused',
    team_id: team.id,
    team_domain: team.domain,
    channel_id: wish.channel,
    channel_name: 'support',
    user_id: wish.user.id,
    user_name: wish.user.username,
    command: wish.command,
    text: wish.text,
    api_app_id: appId,
    is_enterprise_install: 'false',
    response_url: responseUrl(origin),
    trigger_id: wish.triggerId ?? newTriggerId(),
  };
}

function eventCallback(wish: EventWish, store: SlackStore) {
  const { team, bot, appId } = workspace;
  const ts = store.newTs();
  const event: Record<string, unknown> = { event_ts: ts, ...(wish.event.type === 'message' && { ts }), ...wish.event };
  keepIfMessage(event, store);
  return {
    token: 'unused',
    team_id: team.id,
    api_app_id: appId,
    event,
    type: 'event_callback',
    event_id: wish.eventId ?? `Ev${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`,
    event_time: Math.floor(Date.now() / 1000),
    authorizations: [
      { enterprise_id: null, team_id: team.id, user_id: bot.userId, is_bot: true, is_enterprise_install: false },
    ],
    is_ext_shared_channel: false,
  };
}

// A person's message is in the channel's history afterwards, as it would be with Slack.
function keepIfMessage(event: Record<string, unknown>, store: SlackStore): void {
  const { type, channel, user, text, ts, thread_ts: threadTs } = event;
  if (type !== 'message' || event['subtype'] !== undefined) return;
  if (typeof channel !== 'string' || typeof user !== 'string' || typeof text !== 'string' || typeof ts !== 'string')
    return;
  const thread = typeof threadTs === 'string' ? { thread_ts: threadTs } : {};
  if (store.find(channel, ts) === undefined) {
    store.add(channel, { type: 'message', ts, user, team: workspace.team.id, text, ...thread });
  }
}

function common(wish: { user: { id: string; username: string; name: string }; triggerId?: string | undefined }) {
  const { team, appId } = workspace;
  return {
    team: { id: team.id, domain: team.domain },
    user: { ...wish.user, team_id: team.id },
    api_app_id: appId,
    token: 'unused',
    trigger_id: wish.triggerId ?? newTriggerId(),
    enterprise: null,
    is_enterprise_install: false,
  };
}

function newTriggerId(): string {
  return `${Date.now()}.${workspace.team.id}.${randomUUID().replaceAll('-', '')}`;
}

function responseUrl(origin: string): string {
  return `${origin}/response/${randomUUID()}`;
}
