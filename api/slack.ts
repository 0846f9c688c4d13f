/**
 * `POST /slack/events`: the clicks on a draft's buttons, through Bolt, into the inbox ledger.
 *
 * A click is one row, stored before it is acknowledged; the relay executes it and answers the clicker when it was refused.
 * Slack's signature and the channel are the permission: whoever is a member of the channel that the cards are posted to may
 * decide a draft there, whether or not he has an account at the desk. A click that is delivered again changes nothing.
 * Everything else that Slack sends is acknowledged and let go. No call goes out from here, at start-up or later.
 */
import { App, LogLevel, UnknownError } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Arrival, Ledger } from '../db/ledger.ts';
import { DeskError } from '../domain/errors.ts';
import { DRAFT_ACTIONS } from '../integrations/slack-card.ts';
import type { Context } from './context.ts';
import { createSlackReceiver } from './slack-receiver.ts';

export interface SlackEventsOptions {
  config: { apiUrl: string; botToken: string; signingSecret: string };
  ledger: Pick<Ledger, 'store' | 'countRefusal'>;
  logger: Logger;
  /** Milliseconds since 1970; the machine's clock unless told. */
  now?: () => number;
}

/** What a ledger row of kind `draft_decision` holds: ids, who clicked, and where he is answered. */
interface DraftClick {
  ticketId: string;
  draftId: string;
  decision: (typeof DRAFT_ACTIONS)[keyof typeof DRAFT_ACTIONS];
  user: { id: string; name: string };
  responseUrl: string | null;
}

/** The handler of `POST /slack/events`; throws an Error when the signing secret is empty. */
export function createSlackEvents(options: SlackEventsOptions): (ctx: Context) => Promise<void> {
  const { config, ledger, logger, now = Date.now } = options;
  const receiver = createSlackReceiver({ signingSecret: config.signingSecret, ledger, logger, now });
  const app = new App({
    receiver,
    // Given a token alone, Bolt would ask Slack who we are before every click, and lose the click when Slack is down.
    authorize: () => Promise.resolve({ botToken: config.botToken }),
    tokenVerificationEnabled: false,
    clientOptions: { slackApiUrl: config.apiUrl },
    convoStore: false,
    logger: boltLogger(logger),
    logLevel: LogLevel.WARN,
  });
  app.action({ type: 'block_actions', action_id: /^draft_/ }, async ({ body, context, ack }) => {
    const arrival = arrivalOf(body, String(context['requestId']));
    if (arrival !== null) await ledger.store(arrival);
    await ack();
  });
  // Bolt wraps what has no code; the desk's own middleware wants the error itself.
  app.error(async (error) => {
    throw error instanceof UnknownError ? error.original : error;
  });
  return (ctx) => receiver.handle(ctx);
}

const clickSchema = z.object({
  trigger_id: z.string().min(1).nullish(),
  user: z.object({ id: z.string().min(1), name: z.string().nullish(), username: z.string().nullish() }),
  response_url: z.string().nullish(),
  actions: z.tuple([z.object({ action_id: z.string(), action_ts: z.string().nullish(), value: z.string() })]),
});
const valueSchema = z.strictObject({ ticketId: z.uuid(), draftId: z.uuid() });

/** The ledger's row for a click; null for a button that is none of ours. */
function arrivalOf(body: unknown, requestId: string): Arrival | null {
  const click = valid(clickSchema, body, 'click');
  const [action] = click.actions;
  const decision = Object.entries(DRAFT_ACTIONS).find(([id]) => id === action.action_id)?.[1];
  if (decision === undefined) return null;
  const { ticketId, draftId } = valid(valueSchema, jsonOf(action.value), "button's value");
  const { user } = click;
  const decided: DraftClick = {
    ticketId,
    draftId,
    decision,
    user: { id: user.id, name: user.name ?? user.username ?? user.id },
    responseUrl: click.response_url ?? null,
  };
  return {
    source: 'slack',
    // A click has no event id; its trigger is the same at every delivery.
    externalId: click.trigger_id ?? `${action.action_ts ?? draftId}:${user.id}`,
    kind: 'draft_decision',
    conversationKey: `ticket:${ticketId}`,
    state: 'received',
    reason: null,
    body: JSON.stringify(decided),
    requestId,
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new DeskError('invalid_json', "The button's value is not JSON; draw the card anew.", { cause: error });
  }
}

function valid<S extends z.ZodType>(schema: S, given: unknown, what: string): z.infer<S> {
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) => `${path.join('.') || what}: ${message}`);
  throw new DeskError('invalid_json', `The ${what} is not one of ours: ${faults.join('; ')}.`);
}

/** Bolt's warnings in the desk's log; its objects may hold what people wrote, so only its own sentences are taken. */
function boltLogger(logger: Logger) {
  const say = (...message: unknown[]) => {
    const [first] = message;
    logger.warn({ source: 'bolt' }, typeof first === 'string' ? first : 'Bolt met an error');
  };
  return {
    debug: ignore,
    info: ignore,
    warn: say,
    error: say,
    setLevel: ignore,
    getLevel: () => LogLevel.WARN,
    setName: ignore,
  };
}

function ignore(): void {}
