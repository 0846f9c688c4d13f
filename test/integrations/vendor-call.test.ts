import { randomUUID } from 'node:crypto';
import { metrics } from '@opentelemetry/api';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createCounting } from '../../integrations/prometheus.ts';
import { vendorCall } from '../../integrations/vendor-call.ts';
import { VendorError } from '../../integrations/vendor-error.ts';

const counting = createCounting('test');
beforeAll(() => void metrics.setGlobalMeterProvider(counting.provider));
afterAll(() => metrics.disable());

function vendorError(status: number | null, retryable: boolean): VendorError {
  return new VendorError('It did not work.', { service: 'x', status, retryable, reason: 'canary7f3a' });
}

function aborted(reason: Error): AbortSignal {
  const controller = new AbortController();
  controller.abort(reason);
  return controller.signal;
}

describe('a call of a vendor', () => {
  test('answers what the vendor answered, and is counted with its time', async () => {
    const call = { vendor: 'good', operation: 'send' };
    await expect(vendorCall(call, async () => 'yes')).resolves.toBe('yes');
    const text = await counting.text();
    expect(text).toContain('holdfast_vendor_calls_total{vendor="good",operation="send",outcome="ok"} 1\n');
    expect(text).toContain('holdfast_vendor_call_duration_seconds_count{vendor="good",operation="send"} 1\n');
  });

  test.for([
    ['refused', vendorError(422, false), undefined],
    ['refused', vendorError(200, false), undefined],
    ['limited', vendorError(429, true), undefined],
    ['failed', vendorError(503, true), undefined],
    ['failed', vendorError(200, true), undefined],
    ['failed', Object.assign(new Error('S3'), { $metadata: { httpStatusCode: 503 } }), undefined],
    ['unanswered', Object.assign(new Error('S3'), { $metadata: { attempts: 3 } }), undefined],
    ['unanswered', vendorError(null, true), undefined],
    ['unanswered', new Error('late'), aborted(new DOMException('late', 'TimeoutError'))],
    ['cancelled', new Error('away'), aborted(new DOMException('away', 'AbortError'))],
    ['unreadable', new SyntaxError('not JSON'), undefined],
  ] as const)('that ends as %s is counted so, and its error is thrown as it is', async ([outcome, error, signal]) => {
    const vendor = `bad-${randomUUID()}`;
    await expect(vendorCall({ vendor, operation: 'send', signal }, () => Promise.reject(error))).rejects.toBe(error);
    const text = await counting.text();
    expect(text).toContain(`holdfast_vendor_calls_total{vendor="${vendor}",operation="send",outcome="${outcome}"} 1\n`);
    expect(text).not.toContain('canary7f3a');
  });
});
