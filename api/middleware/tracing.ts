/**
 * A span for each request, in the trace that the caller's `traceparent` names or in a new one. Only where traces are kept.
 *
 * Of the caller's headers nothing else is taken over: `tracestate` and `baggage` are words of a stranger, and would end in
 * Temporal's history.
 */
import { context, propagation, ROOT_CONTEXT, type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Middleware } from '../context.ts';

/** Asked every few seconds by machines, and part of no story. */
const UNTRACED: ReadonlySet<string> = new Set(['/livez', '/readyz', '/metrics']);

export const requestTracing: Middleware = async (ctx, next) => {
  if (UNTRACED.has(ctx.path)) return next();
  const caller = propagation.extract(ROOT_CONTEXT, { traceparent: ctx.get('traceparent') });
  const options = { kind: SpanKind.SERVER, attributes: { 'http.request.method': ctx.method } };
  const span = trace.getTracer('holdfast').startSpan(ctx.method, options, caller);
  try {
    await context.with(trace.setSpan(caller, span), next);
  } finally {
    end(span, ctx.method, ctx.state.route, ctx.status);
  }
};

function end(span: Span, method: string, route: string | undefined, status: number): void {
  if (route !== undefined) span.updateName(`${method} ${route}`).setAttribute('http.route', route);
  span.setAttribute('http.response.status_code', status);
  if (status >= 500) span.setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}
