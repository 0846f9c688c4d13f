/** The way of a workflow's spans out of its sandbox: it tells what it took, and the span is made here. */
import { SpanKind, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import type { InjectedSinks } from '@temporalio/worker';
import type { Tracing } from '../integrations/opentelemetry.ts';
import type { TakenMessage, TraceSinks } from '../workflows/tracing.ts';

/** The sinks of a worker whose workflows hand traces on; a replay tells nothing again. */
export function traceSinks({ processor, resource }: Tracing): InjectedSinks<TraceSinks> {
  return {
    traces: {
      taken: {
        fn({ workflowId, runId }, message) {
          const { name, traceId, spanId, parentSpanId } = message;
          const spanContext = { traceId, spanId, traceFlags: TraceFlags.SAMPLED };
          processor.onEnd({
            name,
            kind: SpanKind.INTERNAL,
            spanContext: () => spanContext,
            parentSpanId,
            ...timesOf(message),
            ended: true,
            status: { code: SpanStatusCode.UNSET },
            attributes: { temporalWorkflowId: workflowId, run_id: runId },
            links: [],
            events: [],
            resource,
            instrumentationLibrary: { name: 'holdfast' },
            droppedAttributesCount: 0,
            droppedEventsCount: 0,
            droppedLinksCount: 0,
          });
        },
      },
    },
  };
}

function timesOf({ startedAt, endedAt }: TakenMessage) {
  return { startTime: hrTime(startedAt), endTime: hrTime(endedAt), duration: hrTime(endedAt - startedAt) };
}

/** As OpenTelemetry counts: seconds and nanoseconds. */
function hrTime(ms: number): [number, number] {
  return [Math.floor(ms / 1000), Math.round((ms % 1000) * 1e6)];
}
