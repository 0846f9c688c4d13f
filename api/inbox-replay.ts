/**
 * What of the inbox ledger is handed over again, and what is not. What was set aside is; what was applied is, where its
 * ticket knows it again; what means nothing to the desk, or answered to a moment that is over, is not.
 */
import type { LedgerRow } from '../db/ledger-replay.ts';
import { readFrontEvent } from '../integrations/front.ts';

/** How a row goes back in line, or why it does not, as a whole sentence. */
export type Verdict = { to: 'received' | 'incomplete' } | { reason: string };

/** Judges a row. */
export function judge(row: LedgerRow): Verdict {
  if (row.state === 'received' || row.state === 'incomplete') {
    return { reason: 'It waits for its hand-over already.' };
  }
  if (row.state === 'ignored') return { reason: 'It means nothing to the desk, so there is nothing to hand over.' };
  if (row.body === '') return { reason: 'Its body was erased.' };
  if (row.source === 'front') return judgeFront(row.body);
  if (row.state === 'applied' && row.source !== 'api') {
    return { reason: 'It was a click or a word of an incident, which answered to a moment that is over.' };
  }
  return { to: 'received' };
}

/** A preview that was never completed has still to be. */
function judgeFront(body: string): Verdict {
  const event = readFrontEvent(parsed(body));
  if (event === null || event.messageId === null) return { reason: 'It holds no message of Front’s that can be read.' };
  return { to: event.hasText ? 'received' : 'incomplete' };
}

function parsed(body: string): unknown {
  try {
    return JSON.parse(body);
  } catch {
    // What is no JSON is no event either, and is told as that.
    return undefined;
  }
}
