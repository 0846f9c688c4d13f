/**
 * Around every call of a vendor: how it ended and how long it took, counted, and a span of the trace that it belongs to.
 *
 * Neither holds what was asked or answered, nor an address: who was called, for what, and the status. The trace ends here;
 * a vendor is not told of it.
 */
import { type Span, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { counts } from './counts.ts';
import { VendorError } from './vendor-error.ts';

/**
 * `refused`: it will not do what we asked. `limited`: we ask too much. `failed`: it is in trouble. `unanswered`: there was no
 * answer in time. `unreadable`: it answered something else than expected. `cancelled`: nobody wanted the answer any more.
 */
type Outcome = 'ok' | 'refused' | 'limited' | 'failed' | 'unanswered' | 'unreadable' | 'cancelled';

export interface VendorCall {
  /** In small letters, such as `front`. */
  vendor: string;
  /** What it was called for, such as `send`; one of few. */
  operation: string;
  /** What the caller cancels it with. */
  signal?: AbortSignal | undefined;
}

/**
 * Makes the call and answers, or throws, what `call` does; `answered` is told the HTTP status once there is one.
 *
 * @example await vendorCall({ vendor: 'front', operation: 'send', signal }, (answered) => post(reply, answered))
 */
export async function vendorCall<T>(
  { vendor, operation, signal }: VendorCall,
  call: (answered: (status: number) => void) => Promise<T>,
): Promise<T> {
  const started = performance.now();
  const attributes = { 'peer.service': vendor, 'holdfast.operation': operation };
  const tracer = trace.getTracer('holdfast');
  return tracer.startActiveSpan(`${vendor} ${operation}`, { kind: SpanKind.CLIENT, attributes }, async (span) => {
    let status: number | null = null;
    let outcome: Outcome = 'ok';
    try {
      return await call((answered) => {
        status = answered;
      });
    } catch (error) {
      status = statusOf(error) ?? status;
      outcome = outcomeOf(error, status, signal);
      throw error;
    } finally {
      end(span, status, outcome);
      counts().vendorCalls.add(1, { vendor, operation, outcome });
      counts().vendorSeconds.record((performance.now() - started) / 1000, { vendor, operation });
    }
  });
}

function end(span: Span, status: number | null, outcome: Outcome): void {
  if (status !== null) span.setAttribute('http.response.status_code', status);
  if (outcome !== 'ok') span.setAttribute('error.type', outcome).setStatus({ code: SpanStatusCode.ERROR });
  span.end();
}

function outcomeOf(error: unknown, status: number | null, signal: AbortSignal | undefined): Outcome {
  if (signal?.aborted === true) return isTimeout(signal.reason) ? 'unanswered' : 'cancelled';
  // A vendor's error that names no status was no answer; any other error is about what was answered.
  if (status === null) return isVendors(error) ? 'unanswered' : 'unreadable';
  if (status === 429) return 'limited';
  if (status >= 500 || status === 408) return 'failed';
  if (status >= 400) return 'refused';
  // Slack refuses with 200.
  if (error instanceof VendorError) return error.retryable ? 'failed' : 'refused';
  return 'unreadable';
}

/** Of our own errors and OpenAI's, and of the SDK's for S3. */
function statusOf(error: unknown): number | null {
  if (!isVendors(error)) return null;
  const status = 'status' in error ? error.status : error.$metadata.httpStatusCode;
  return typeof status === 'number' ? status : null;
}

type OfVendor = Error & ({ status: unknown } | { $metadata: { httpStatusCode?: unknown } });

function isVendors(error: unknown): error is OfVendor {
  if (!(error instanceof Error)) return false;
  return 'status' in error || ('$metadata' in error && typeof error.$metadata === 'object' && error.$metadata !== null);
}

function isTimeout(reason: unknown): boolean {
  return reason instanceof Error && reason.name === 'TimeoutError';
}
