/**
 * What is counted wherever it happens, by the meter that the process registered; in a process that registered none, and
 * in tests, counting does nothing.
 *
 * A label is always one of few words of ours: never an id, an address or anything that somebody wrote.
 */
import { type Counter, type Histogram, type MeterProvider, metrics } from '@opentelemetry/api';

/** In seconds: from an answer out of memory to one that a vendor's patience ends. */
export const DURATION_BUCKETS = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];

export interface Counts {
  /** By `vendor`, `operation` and `outcome`. */
  vendorCalls: Counter;
  /** In seconds, by `vendor` and `operation`. */
  vendorSeconds: Histogram;
  /** By `task` and `engine`. */
  aiAnswers: Counter;
  /** By `source` and `outcome`. */
  relayedRows: Counter;
  /** By `sweep`. */
  sweepFailures: Counter;
}

const made = new WeakMap<MeterProvider, Counts>();

/** The counts of this process, such as `counts().aiAnswers.add(1, { task: 'draft', engine: 'model' })`. */
export function counts(): Counts {
  const provider = metrics.getMeterProvider();
  const known = made.get(provider);
  if (known !== undefined) return known;
  const meter = provider.getMeter('holdfast');
  const counter = (name: string, description: string) => meter.createCounter(name, { description });
  const created: Counts = {
    vendorCalls: counter('holdfast_vendor_calls_total', 'Calls of vendors by how they ended.'),
    vendorSeconds: meter.createHistogram('holdfast_vendor_call_duration_seconds', {
      description: 'How long calls of vendors took.',
      advice: { explicitBucketBoundaries: DURATION_BUCKETS },
    }),
    aiAnswers: counter('holdfast_ai_answers_total', 'Triages and drafts by the engine that gave them.'),
    relayedRows: counter('holdfast_relay_rows_total', 'Rows of the ledger by what the relay made of them.'),
    sweepFailures: counter('holdfast_sweep_failures_total', 'Rounds of a sweep that ended in an error.'),
  };
  made.set(provider, created);
  return created;
}
