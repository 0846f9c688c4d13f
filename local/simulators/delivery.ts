/**
 * Sends a signed webhook to the desk, as many times at once as asked, and tells what the desk replied.
 *
 * Does not promise the vendors' retries, nor their time limits: a caller who wants a second delivery asks for one, and
 * judges the milliseconds himself. A desk that cannot be reached is an answer with status 0, not an error, because tests
 * stop the desk on purpose.
 */
import { z } from 'zod';

/** A webhook ready to be sent: `body` is the exact text that was signed. */
export type SignedWebhook = { readonly url: string; readonly headers: Record<string, string>; readonly body: string };

/** What the desk replied; `body` is parsed where it was JSON; `status` is 0 and `body` a sentence when nothing came back. */
type Delivery = { readonly status: number; readonly body: unknown; readonly ms: number };

/** The fields that every vendor's `POST /_sim/events` takes besides its own. */
export const deliveryFields = {
  deliver: z.int().min(1).max(1000).default(1),
  send: z.boolean().default(true),
};

const timeLimitMs = 30_000;

/**
 * Sends the webhook `deliver` times at once, or only returns it when `send` is false.
 *
 * @example await sendWebhook(webhook, { deliver: 2, send: true }); // { status: 200, body: {…}, sent, deliveries: [{…}, {…}] }
 */
export async function sendWebhook(
  webhook: SignedWebhook,
  how: { deliver: number; send: boolean },
): Promise<SentWebhook> {
  const sent = { headers: webhook.headers, body: webhook.body };
  if (!how.send) return sent;
  const deliveries = await Promise.all(Array.from({ length: how.deliver }, () => deliverOnce(webhook)));
  const [first] = deliveries;
  return { status: first?.status ?? 0, body: first?.body, sent, deliveries };
}

/** Only the webhook when it was not sent; else the first reply, all replies, and what was sent. */
export type SentWebhook =
  | { readonly headers: Record<string, string>; readonly body: string }
  | {
      readonly status: number;
      readonly body: unknown;
      readonly sent: { readonly headers: Record<string, string>; readonly body: string };
      readonly deliveries: readonly Delivery[];
    };

async function deliverOnce(webhook: SignedWebhook): Promise<Delivery> {
  const started = performance.now();
  const took = () => Math.round(performance.now() - started);
  try {
    const { url, headers, body } = webhook;
    const signal = AbortSignal.timeout(timeLimitMs);
    const response = await fetch(url, { method: 'POST', headers, body, redirect: 'manual', signal });
    return { status: response.status, body: parsedIfJson(await response.text()), ms: took() };
  } catch (error) {
    return { status: 0, body: `The desk at ${webhook.url} did not answer: ${reasonOf(error)}.`, ms: took() };
  }
}

// Node's fetch says only "fetch failed"; the cause says why.
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function parsedIfJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}
