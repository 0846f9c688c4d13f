/** The span of one hand-over: it goes on with the trace of the request that stored the row. */
import { ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { spanOfTraceParent } from '../db/trace-parent.ts';
import type { ClaimedRow, HandOver, Settled } from './relay.ts';

/** Hands `row` over by `handOver`, and answers or throws what that does. */
export function handOverSpan(row: ClaimedRow, handOver: HandOver): Promise<Settled> {
  const { source, traceParent } = row;
  const request = spanOfTraceParent(traceParent);
  const parent = request === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, request);
  const options = { kind: SpanKind.CONSUMER, attributes: { 'holdfast.source': source } };
  return trace.getTracer('holdfast').startActiveSpan(`relay ${source}`, options, parent, async (span) => {
    try {
      const settled = await handOver(row);
      span.setAttribute('holdfast.outcome', settled.state);
      return settled;
    } catch (error) {
      span.setStatus({ code: SpanStatusCode.ERROR });
      throw error;
    } finally {
      span.end();
    }
  });
}
