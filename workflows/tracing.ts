/**
 * Traces through a workflow: a span for each message that it takes, and the trace of a message handed on to the activities
 * that follow from it. Part of the bundle only where traces are kept.
 *
 * A ticket lives for weeks and takes messages of many traces, so no span covers the whole run, and an activity belongs to the
 * request that it names, not to whoever opened the ticket. Nothing here is random and nothing is a command, so a history
 * replays with this as it does without. Does not promise a trace across continue-as-new, nor for what time alone brings about.
 */
import { defaultPayloadConverter, type Headers } from '@temporalio/common';
import {
  type ActivityInput,
  type LocalActivityInput,
  type Next,
  proxySinks,
  type SignalInput,
  type Sinks,
  type UpdateInput,
  type WorkflowInboundCallsInterceptor,
  type WorkflowInterceptors,
  type WorkflowOutboundCallsInterceptor,
} from '@temporalio/workflow';

/** A message that the workflow took. */
export interface TakenMessage {
  /** Such as `HandleSignal:customerMessage`. */
  name: string;
  traceId: string;
  parentSpanId: string;
  spanId: string;
  /** Milliseconds since 1970, in the workflow's time. */
  startedAt: number;
  endedAt: number;
}

export interface TraceSinks extends Sinks {
  traces: { taken(message: TakenMessage): void };
}

interface Trace {
  traceId: string;
  spanId: string;
  flags: string;
}

/** The header in which Temporal's OpenTelemetry interceptors carry a trace. */
const HEADER = '_tracer-data';
const TRACE_PARENT = /^00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})$/;
/** How many commands' traces one run remembers; an older command has long had its effects. */
const REMEMBERED = 200;

/** The interceptors of one run, found by Temporal under this name. */
export const interceptors = (): WorkflowInterceptors => {
  const { traces } = proxySinks<TraceSinks>();
  const byName = new Map<string, Trace>();
  let recorded: Trace | undefined;

  function remember(given: unknown, trace: Trace): void {
    for (const name of namesOf(given)) byName.set(name, trace);
    for (const name of byName.keys()) {
      if (byName.size <= REMEMBERED) break;
      byName.delete(name);
    }
  }

  /** The trace of what an activity names; what names nothing, such as the Slack card, follows what was recorded last. */
  function traceOf(given: unknown): Trace | undefined {
    const names = namesOf(given);
    if (names.length === 0) return recorded;
    return names.map((name) => byName.get(name)).find((trace) => trace !== undefined);
  }

  function begin(kind: string, name: string, headers: Headers, given: unknown) {
    const parent = traceIn(headers);
    if (parent === undefined) return undefined;
    const span = `${kind}:${name}`;
    const trace = { ...parent, spanId: digest(`${parent.spanId}:${span}`) };
    remember(given, trace);
    const startedAt = Date.now();
    return () => {
      if (!isSampled(trace)) return;
      const { traceId, spanId } = trace;
      traces.taken({ name: span, traceId, spanId, parentSpanId: parent.spanId, startedAt, endedAt: Date.now() });
    };
  }

  const inbound: WorkflowInboundCallsInterceptor = {
    handleSignal(input: SignalInput, next: Next<WorkflowInboundCallsInterceptor, 'handleSignal'>) {
      begin('HandleSignal', input.signalName, input.headers, input.args[0])?.();
      return next(input);
    },
    handleUpdate(input: UpdateInput, next: Next<WorkflowInboundCallsInterceptor, 'handleUpdate'>) {
      const end = begin('HandleUpdate', input.name, input.headers, input.args[0]);
      const verdict = next(input);
      if (end !== undefined) void verdict.then(end, end);
      return verdict;
    },
  };
  const outbound: WorkflowOutboundCallsInterceptor = {
    scheduleActivity(input: ActivityInput, next: Next<WorkflowOutboundCallsInterceptor, 'scheduleActivity'>) {
      return next({ ...input, headers: withTrace(input.headers, traceOf(input.args[0])) });
    },
    scheduleLocalActivity(
      input: LocalActivityInput,
      next: Next<WorkflowOutboundCallsInterceptor, 'scheduleLocalActivity'>,
    ) {
      const trace = traceOf(input.args[0]);
      if (input.activityType === 'record') recorded = trace;
      return next({ ...input, headers: withTrace(input.headers, trace) });
    },
  };
  return { inbound: [inbound], outbound: [outbound] };
};

/** What a command or an activity's argument says of where it comes from: a request, its own id, its events' causes. */
function namesOf(given: unknown): string[] {
  if (typeof given !== 'object' || given === null) return [];
  const own = [field(given, 'requestId'), field(given, 'id')];
  const events = 'events' in given && Array.isArray(given.events) ? given.events : [];
  return [...own, ...events.map((event: unknown) => field(event, 'causedBy'))].filter((name) => name !== undefined);
}

function field(given: unknown, key: 'requestId' | 'id' | 'causedBy'): string | undefined {
  if (typeof given !== 'object' || given === null) return undefined;
  const value: unknown = Object.entries(given).find(([name]) => name === key)?.[1];
  return typeof value === 'string' ? value : undefined;
}

function traceIn(headers: Headers): Trace | undefined {
  const payload = headers[HEADER];
  if (payload === undefined) return undefined;
  const carried = defaultPayloadConverter.fromPayload<{ traceparent?: string } | null>(payload);
  const [, traceId, spanId, flags] = TRACE_PARENT.exec(carried?.traceparent ?? '') ?? [];
  return traceId === undefined || spanId === undefined || flags === undefined ? undefined : { traceId, spanId, flags };
}

function withTrace(headers: Headers, trace: Trace | undefined): Headers {
  if (trace === undefined) return headers;
  const { traceId, spanId, flags } = trace;
  const traceparent = `00-${traceId}-${spanId}-${flags}`;
  return { ...headers, [HEADER]: defaultPayloadConverter.toPayload({ traceparent }) };
}

function isSampled({ flags }: Trace): boolean {
  return (Number.parseInt(flags, 16) & 1) === 1;
}

/** Sixteen hexadecimal digits that are the same at every replay: FNV-1a, twice. */
function digest(text: string): string {
  return [0x811c9dc5, 0x01000193].map((seed) => fnv(text, seed).toString(16).padStart(8, '0')).join('');
}

function fnv(text: string, seed: number): number {
  let hash = seed;
  for (let index = 0; index < text.length; index += 1) hash = Math.imul(hash ^ text.charCodeAt(index), 0x01000193);
  return hash >>> 0;
}
