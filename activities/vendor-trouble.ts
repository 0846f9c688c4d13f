/** What an activity makes of a vendor that refused it or did not answer. */
import { ApplicationFailure } from '@temporalio/common';
import type { Logger } from 'pino';
import { VendorError } from '../integrations/vendor-error.ts';

/**
 * Throws what is worth another try, without a word of the vendor's, after at most `longestWait` seconds where the vendor
 * asks for a wait; logs `what` and returns for the rest. What is no VendorError is thrown as it is.
 */
export function giveUp(
  error: unknown,
  logger: Logger,
  ids: Record<string, string>,
  what: string,
  longestWait = Infinity,
): void {
  if (!(error instanceof VendorError)) throw error;
  if (!error.retryable) {
    logger.error({ ...ids, reason: error.reason }, what);
    return;
  }
  const { retryAfterSeconds } = error;
  throw ApplicationFailure.create({
    message: error.message,
    type: 'vendor_unavailable',
    ...(retryAfterSeconds !== undefined && { nextRetryDelay: Math.min(retryAfterSeconds, longestWait) * 1000 }),
  });
}
