/**
 * A trace's way through the database: what a row keeps of the request that stored it, as W3C `traceparent` writes it.
 * Where nobody traces there is nothing to keep.
 */
import { isSpanContextValid, type SpanContext, trace } from '@opentelemetry/api';

/** The span that is active now, such as `00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01`; null without one. */
export function activeTraceParent(): string | null {
  const span = trace.getActiveSpan()?.spanContext();
  if (span === undefined || !isSpanContextValid(span)) return null;
  return `00-${span.traceId}-${span.spanId}-${span.traceFlags.toString(16).padStart(2, '0')}`;
}

/** The span that such a text names; null for any other text. */
export function spanOfTraceParent(text: string | null): SpanContext | null {
  const [, traceId, spanId, flags] = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/.exec(text ?? '') ?? [];
  if (traceId === undefined || spanId === undefined || flags === undefined) return null;
  const span = { traceId, spanId, traceFlags: Number.parseInt(flags, 16), isRemote: true };
  return isSpanContextValid(span) ? span : null;
}
