/** When a reply goes out: at its time, and not before it can no longer be taken back. */
import { DeskError } from '../domain/errors.ts';
import type { Services } from './services.ts';

/** The furthest ahead that a reply is scheduled. */
const LONGEST_MS = 366 * 24 * 3_600_000;

/**
 * Milliseconds since 1970, or null for at once; `wanted` is an ISO 8601 instant, or null for as soon as may be. Throws
 * `invalid_request` for one too far ahead.
 */
export function sendAtOf({ now, undoSendMs }: Services, wanted: string | null): number | null {
  const earliest = now() + undoSendMs;
  if (wanted === null) return undoSendMs === 0 ? null : earliest;
  const at = Date.parse(wanted);
  if (at > now() + LONGEST_MS) {
    const message = 'must be within a year from now';
    throw new DeskError('invalid_request', `"sendAt" ${message}.`, { errors: [{ path: 'sendAt', message }] });
  }
  return Math.max(at, earliest);
}
