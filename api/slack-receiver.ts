/**
 * The way of Slack's requests into Bolt: the raw bytes are verified before anything parses them, then Bolt is given the
 * event, and what it acknowledged is the answer.
 *
 * Bolt's own check of the signature is left aside: it takes a timestamp from the future and a signature with anything
 * after a second `=`. A request that is not Slack's is counted and otherwise leaves no trace. The retry headers decide
 * nothing: whoever stores tells a duplicate by its id. Must be mounted where no body parser has been.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import type { App, Receiver } from '@slack/bolt';
import type { Logger } from 'pino';
import { z } from 'zod';
import type { Ledger } from '../db/ledger.ts';
import { DeskError } from '../domain/errors.ts';
import type { Context } from './context.ts';
import { readRawBody } from './middleware/body.ts';

export interface SlackReceiver extends Receiver {
  /** Answers one request of Slack's; throws a DeskError for one that is not. */
  handle(ctx: Context): Promise<void>;
}

export interface ReceiverOptions {
  signingSecret: string;
  ledger: Pick<Ledger, 'countRefusal'>;
  logger: Logger;
  /** Milliseconds since 1970. */
  now(): number;
}

/** Both ways: https://docs.slack.dev/authentication/verifying-requests-from-slack */
const TOLERANCE_SECONDS = 300;

type Refusal = 'missing' | 'malformed' | 'stale' | 'mismatch';

const SENTENCES: Readonly<Record<Refusal, string>> = {
  missing: 'The request lacks X-Slack-Signature or X-Slack-Request-Timestamp, so it cannot be verified.',
  malformed: 'X-Slack-Signature must be "v0=" and 64 hexadecimal digits, X-Slack-Request-Timestamp whole seconds.',
  stale: 'X-Slack-Request-Timestamp is more than five minutes from now; sign the request anew.',
  mismatch: 'The signature does not match the body; check SLACK_SIGNING_SECRET against the one in the app settings.',
};

const challengeSchema = z.looseObject({ type: z.literal('url_verification'), challenge: z.string() });
/** As much of a body as Bolt trusts blindly. */
const bodySchema = z
  .looseObject({
    type: z.string().optional(),
    event: z.looseObject({ type: z.string() }).optional(),
    user: z.looseObject({ id: z.string() }).optional(),
    actions: z.array(z.looseObject({})).min(1).optional(),
  })
  .refine(({ actions, user }) => actions === undefined || user !== undefined, 'actions need the user who took them');

/** A receiver that verifies with `signingSecret`; throws an Error when that is empty. */
export function createSlackReceiver(options: ReceiverOptions): SlackReceiver {
  const { signingSecret, ledger, logger } = options;
  if (signingSecret === '') throw new Error('SLACK_SIGNING_SECRET is empty; set it to the one in the app settings.');
  let app: App | undefined;
  return {
    init: (bolt) => {
      app = bolt;
    },
    // The desk's own server listens; there is nothing of Bolt's to start or stop.
    start: () => Promise.resolve(),
    stop: () => Promise.resolve(),
    async handle(ctx) {
      const raw = await readRawBody(ctx);
      const refusal = verify(ctx, raw, signingSecret, options.now());
      if (refusal !== null) {
        await ledger.countRefusal('slack', refusal).catch((error: unknown) => {
          logger.warn({ err: error, refusal }, 'a refused request could not be counted');
        });
        throw new DeskError('invalid_signature', SENTENCES[refusal]);
      }
      const body = parse(ctx, raw.toString('utf8'));
      const asked = challengeSchema.safeParse(body);
      ctx.status = 200;
      ctx.body = asked.success ? { challenge: asked.data.challenge } : await dispatch(app, ctx, body);
    },
  };
}

async function dispatch(app: App | undefined, ctx: Context, body: z.infer<typeof bodySchema>): Promise<unknown> {
  if (app === undefined) throw new Error('The Slack receiver belongs to no Bolt app; give it to one.');
  // What nobody listens for is acknowledged as well: Slack would only send it again.
  let answer: unknown = '';
  await app.processEvent({
    body,
    ack: (response: unknown) => {
      answer = response ?? '';
      return Promise.resolve();
    },
    customProperties: { requestId: ctx.state.requestId },
  });
  return answer;
}

/** Why the request is not Slack's; null when it is. */
function verify(ctx: Context, raw: Buffer, secret: string, now: number): Refusal | null {
  const signature = ctx.get('X-Slack-Signature');
  const timestamp = ctx.get('X-Slack-Request-Timestamp');
  if (signature === '' || timestamp === '') return 'missing';
  if (!/^v0=[0-9a-f]{64}$/.test(signature) || !/^\d{1,12}$/.test(timestamp)) return 'malformed';
  if (Math.abs(now / 1000 - Number(timestamp)) > TOLERANCE_SECONDS) return 'stale';
  const expected = createHmac('sha256', secret).update(`v0:${timestamp}:`).update(raw).digest();
  return timingSafeEqual(expected, Buffer.from(signature.slice('v0='.length), 'hex')) ? null : 'mismatch';
}

/** Events come as JSON, commands as a form, clicks as JSON in a form's `payload`. */
function parse(ctx: Context, text: string): z.infer<typeof bodySchema> {
  if (!ctx.is('application/x-www-form-urlencoded')) return object(text, 'body');
  const form = new URLSearchParams(text);
  const payload = form.get('payload');
  return payload === null ? Object.fromEntries(form) : object(payload, 'payload');
}

function object(text: string, where: 'body' | 'payload'): z.infer<typeof bodySchema> {
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch (error) {
    throw new DeskError('invalid_json', `The ${where} is not JSON.`, { cause: error });
  }
  const parsed = bodySchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const paths = parsed.error.issues.map(({ path, message }) => `${path.join('.') || where}: ${message}`);
  throw new DeskError('invalid_json', `The ${where} is not one of Slack's: ${paths.join('; ')}.`);
}
