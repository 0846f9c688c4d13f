/** What holds of PagerDuty whichever of its APIs speaks: its numbers and names, and how its ids and words are read. */
import { z } from 'zod';

/** What PagerDuty's documentation says and we could not try on PagerDuty itself: correct it here. */
export const PAGERDUTY_FACTS = {
  signatureHeader: 'x-pagerduty-signature',
  /** Unique to a webhook and the same at each of its deliveries. */
  webhookIdHeader: 'x-webhook-id',
  signatureVersion: 'v1=',
  pingType: 'pagey.ping',
  mergeReason: 'merge_resolve_reason',
  longestSummary: 1024,
  longestDedupKey: 255,
  /** The REST API tells the wait after a 429 here, in seconds. */
  waitHeader: 'ratelimit-reset',
  pageSize: 100,
  /** What paging by offset gives at most. */
  mostEntries: 10_000,
  /** How long a call may take. */
  timeoutMs: 10_000,
  /** Longer than this, a wait is not believed. */
  longestWaitSeconds: 3600,
} as const;

/** An id of PagerDuty's. */
export const id = z.string().regex(/^[A-Za-z0-9_-]{1,100}$/);
/** Text as the database can hold it. */
export const words = z.string().transform((text) => text.replaceAll('\u0000', '').toWellFormed());
/** What is missing, null or unreadable is not there. */
export const absent = <S extends z.ZodType>(schema: S) => schema.nullish().catch(null);
