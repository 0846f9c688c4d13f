/**
 * Slack's Web API behind four calls: post, edit, find a message again, and answer a click.
 *
 * Every failure is a VendorError in our own words. The client's own retries are off: Temporal retries. What we post
 * carries its key as metadata, which is how it is found again; any app in the workspace can read that, so it holds ids
 * only. Links are not unfurled. Does not promise that a call which was not answered had no effect.
 */
import { LogLevel, type types, webApi } from '@slack/bolt';
import { vendorCall } from './vendor-call.ts';
import { VendorError } from './vendor-error.ts';

interface SlackMessage {
  /** Ours for this message; the same key finds it again. */
  key: string;
  blocks: types.KnownBlock[];
  /** What notifications and readers without blocks are given; holds no customer's words. */
  text: string;
}

export interface Slack {
  /** Where new messages go. */
  readonly channel: string;
  /** Posts a message and answers its `ts`. */
  post(channel: string, message: SlackMessage): Promise<string>;
  /** Puts `message` in the place of the one at `ts`. */
  update(channel: string, ts: string, message: SlackMessage): Promise<void>;
  /** The `ts` of our message with this key, posted after `since` (milliseconds since 1970); null when there is none. */
  findByMetadata(channel: string, key: string, since: number): Promise<string | null>;
  /** Tells the one who clicked, and nobody else, `text`; throws for an address that is not Slack's. */
  answerClick(responseUrl: string, text: string): Promise<void>;
}

const EVENT_TYPE = 'holdfast';
const RESPONSE_ORIGIN = 'https://hooks.slack.com';
/** An activity has thirty seconds, and may need three calls. */
const TIMEOUT_MS = 8_000;
const PAGE_SIZE = 200;

/** Slack's own names for troubles that pass; every other refusal stays until a person mends it. */
const PASSING = new Set([
  'fatal_error',
  'internal_error',
  'ratelimited',
  'rate_limited',
  'request_timeout',
  'service_unavailable',
  'team_added_to_org',
]);

/**
 * Slack at `apiUrl`, such as `https://slack.com/api/`; makes no call by itself.
 *
 * @example const slack = createSlack({ apiUrl: 'https://slack.com/api/', botToken, channel: 'C0123456789' });
 */
export function createSlack(options: { apiUrl: string; botToken: string; channel: string }): Slack {
  const client = new webApi.WebClient(options.botToken, {
    slackApiUrl: options.apiUrl,
    retryConfig: { retries: 0 },
    rejectRateLimitedCalls: true,
    allowAbsoluteUrls: false,
    timeout: TIMEOUT_MS,
    logger: SILENT,
  });
  const responseOrigins = new Set([RESPONSE_ORIGIN, new URL(options.apiUrl).origin]);
  return {
    channel: options.channel,
    async post(channel, { key, ...content }) {
      const unfurl = { unfurl_links: false, unfurl_media: false };
      const { ts } = await asked('post', () =>
        client.chat.postMessage({ channel, ...content, ...unfurl, metadata: metadataOf(key) }),
      );
      if (ts === undefined) throw unreadable(200);
      return ts;
    },
    async update(channel, ts, { key, ...content }) {
      await asked('update', () => client.chat.update({ channel, ts, ...content, metadata: metadataOf(key) }));
    },
    async findByMetadata(channel, key, since) {
      const range = { channel, oldest: (since / 1000).toFixed(6), include_all_metadata: true, limit: PAGE_SIZE };
      let cursor: string | undefined;
      do {
        const from = cursor === undefined ? range : { ...range, cursor };
        const page = await asked('find', () => client.conversations.history(from));
        const ours = page.messages?.find(({ metadata }) => isOurs(metadata, key));
        if (ours?.ts !== undefined) return ours.ts;
        cursor = page.response_metadata?.next_cursor;
      } while (cursor !== undefined && cursor !== '');
      return null;
    },
    async answerClick(responseUrl, text) {
      if (!URL.canParse(responseUrl) || !responseOrigins.has(new URL(responseUrl).origin)) {
        const message = 'The address that a click is to be answered at is not one of Slack; it was not called.';
        throw new VendorError(message, { service: 'slack', status: null, retryable: false, reason: 'foreign_address' });
      }
      const body = JSON.stringify({ response_type: 'ephemeral', replace_original: false, text });
      const headers = { 'Content-Type': 'application/json' };
      const signal = AbortSignal.timeout(TIMEOUT_MS);
      const request: RequestInit = { method: 'POST', headers, body, redirect: 'manual', signal };
      await vendorCall({ vendor: 'slack', operation: 'answerClick' }, async (answered) => {
        const answer = await fetch(responseUrl, request).catch(() => {
          throw noAnswer();
        });
        answered(answer.status);
        await answer.body?.cancel();
        if (!answer.ok) throw badStatus(answer.status);
      });
    },
  };
}

function metadataOf(key: string) {
  return { event_type: EVENT_TYPE, event_payload: { key } };
}

function isOurs(metadata: { event_type?: string; event_payload?: object } | undefined, key: string): boolean {
  const { event_type: type, event_payload: payload } = metadata ?? {};
  return type === EVENT_TYPE && payload !== undefined && 'key' in payload && payload.key === key;
}

function asked<T>(operation: 'post' | 'update' | 'find', call: () => Promise<T>): Promise<T> {
  return vendorCall({ vendor: 'slack', operation }, async (answered) => {
    try {
      const answer = await call();
      answered(200);
      return answer;
    } catch (error) {
      throw inOurWords(error);
    }
  });
}

function inOurWords(error: unknown): unknown {
  if (error instanceof webApi.WebAPIRateLimitedError) return badStatus(429, error.retryAfter);
  if (error instanceof webApi.WebAPIHTTPError) return badStatus(error.statusCode);
  if (error instanceof webApi.WebAPIRequestError) return noAnswer();
  if (error instanceof webApi.WebAPIPlatformError) return refusal(error.data.error);
  // Not a failure of Slack's but of ours, or a rate limit that names no time: told as it is, and tried again.
  return error;
}

function badStatus(status: number, retryAfterSeconds?: number): VendorError {
  return new VendorError(`Slack answered ${status}.`, {
    service: 'slack',
    status,
    retryable: status >= 500 || status === 429 || status === 408,
    ...(retryAfterSeconds !== undefined && { retryAfterSeconds }),
    reason: `http_${status}`,
  });
}

function refusal(code: string): VendorError {
  // What is not JSON is given as the code by the client, whole: a proxy's page, for one.
  if (!/^[a-z0-9_]{1,80}$/.test(code)) return unreadable(200);
  const retryable = PASSING.has(code);
  return new VendorError(`Slack refused: ${code}.`, { service: 'slack', status: 200, retryable, reason: code });
}

function unreadable(status: number): VendorError {
  const message = 'Slack gave an answer that could not be read.';
  return new VendorError(message, { service: 'slack', status, retryable: true, reason: 'unreadable_answer' });
}

function noAnswer(): VendorError {
  const message = 'Slack did not answer.';
  return new VendorError(message, { service: 'slack', status: null, retryable: true, reason: 'no_answer' });
}

function ignore(): void {}

/** The client would write vendors' answers to the console; what matters of them is in the VendorError. */
const SILENT: webApi.Logger = {
  debug: ignore,
  info: ignore,
  warn: ignore,
  error: ignore,
  setLevel: ignore,
  getLevel: () => LogLevel.ERROR,
  setName: ignore,
};
