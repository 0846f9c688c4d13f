/**
 * Traces: from a request through the ledger, the relay, a ticket's workflow and its activities to a vendor, sent to a
 * collector by OTLP over HTTP. Loaded only where a collector is configured.
 *
 * What leaves the process is named here: the attributes below, kinds of errors, and no message of any error, for a message
 * may quote somebody. Does not promise that every span arrives: with the collector away spans are dropped, and nothing waits.
 */
import { trace } from '@opentelemetry/api';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { Resource } from '@opentelemetry/resources';
import {
  AlwaysOnSampler,
  BatchSpanProcessor,
  ParentBasedSampler,
  type ReadableSpan,
  type SpanExporter,
  type SpanProcessor,
  TraceIdRatioBasedSampler,
} from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import {
  OpenTelemetryActivityInboundInterceptor,
  OpenTelemetryWorkflowClientInterceptor,
} from '@temporalio/interceptors-opentelemetry';

/** What a span may tell. */
const TOLD: ReadonlySet<string> = new Set([
  'http.request.method',
  'http.route',
  'http.response.status_code',
  'peer.service',
  'error.type',
  'holdfast.operation',
  'holdfast.source',
  'holdfast.outcome',
  'temporalWorkflowId',
  'temporalActivityId',
  'run_id',
]);
const STOP_MS = 3_000;

export interface Tracing {
  /** For each client of Temporal. */
  client: { workflow: OpenTelemetryWorkflowClientInterceptor[] };
  /** Around each activity. */
  aroundActivity: (
    ctx: ConstructorParameters<typeof OpenTelemetryActivityInboundInterceptor>[0],
  ) => OpenTelemetryActivityInboundInterceptor;
  /** Takes spans that ended elsewhere, such as in a workflow's sandbox. */
  processor: Pick<SpanProcessor, 'onEnd'>;
  resource: Resource;
  /** Sends what is left, and waits for that a few seconds at most. */
  stop(): Promise<void>;
}

export interface TracingOptions {
  /** Such as `http://127.0.0.1:4318`; the traces go to `/v1/traces` there. */
  endpoint: string;
  /** How much of what begins here is traced, 0 to 1; what a caller traces is traced, and what he does not is not. */
  share: number;
  /** The process, such as `api`. */
  service: string;
}

/** Keeps traces in this process from now on; call it once, before anything is traced. */
export function startTracing({ endpoint, share, service }: TracingOptions): Tracing {
  const url = `${endpoint.replace(/\/+$/, '')}/v1/traces`;
  const resource = new Resource({ 'service.name': `holdfast-${service}` });
  const processor = new BatchSpanProcessor(discreet(new OTLPTraceExporter({ url })), { scheduledDelayMillis: 1_000 });
  const root = share === 1 ? new AlwaysOnSampler() : new TraceIdRatioBasedSampler(share);
  const provider = new NodeTracerProvider({
    resource,
    sampler: new ParentBasedSampler({ root }),
    spanProcessors: [processor],
  });
  provider.register();
  return {
    client: { workflow: [new OpenTelemetryWorkflowClientInterceptor()] },
    aroundActivity: (ctx) => new OpenTelemetryActivityInboundInterceptor(ctx),
    processor,
    resource,
    async stop() {
      const { promise: late, resolve } = Promise.withResolvers<void>();
      const patience = setTimeout(resolve, STOP_MS);
      await Promise.race([provider.shutdown(), late]);
      clearTimeout(patience);
    },
  };
}

/** What a line of the log tells of the trace that it belongs to; for pino's `mixin`. */
export function traceIdOfLine(): { traceId?: string } {
  const span = trace.getActiveSpan();
  return span === undefined ? {} : { traceId: span.spanContext().traceId };
}

/** Exports by `exporter` what a span may tell, and nothing else of it. */
function discreet(exporter: SpanExporter): SpanExporter {
  return {
    export: (spans, done) => exporter.export(spans.map(toldOf), done),
    shutdown: () => exporter.shutdown(),
    ...(exporter.forceFlush && { forceFlush: () => exporter.forceFlush?.() ?? Promise.resolve() }),
  };
}

function toldOf(span: ReadableSpan): ReadableSpan {
  const context = span.spanContext();
  const { traceId, spanId, traceFlags } = context;
  const { name, kind, startTime, endTime, duration, ended, resource, instrumentationLibrary } = span;
  const failures = span.events.map(({ attributes }) => attributes?.['exception.type']);
  const failure = failures.find((type) => typeof type === 'string');
  const told = Object.entries(span.attributes).filter(([key]) => TOLD.has(key));
  return {
    name,
    kind,
    spanContext: () => ({ traceId, spanId, traceFlags }),
    ...(span.parentSpanId !== undefined && { parentSpanId: span.parentSpanId }),
    startTime,
    endTime,
    duration,
    ended,
    resource,
    instrumentationLibrary,
    status: { code: span.status.code },
    attributes: { ...(failure !== undefined && { 'error.type': failure }), ...Object.fromEntries(told) },
    links: [],
    events: [],
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}
