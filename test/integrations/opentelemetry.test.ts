import { context, propagation, SpanStatusCode, trace, TraceFlags } from '@opentelemetry/api';
import { afterAll, expect, test } from 'vitest';
import { startTracing, traceIdOfLine } from '../../integrations/opentelemetry.ts';
import { startCollector } from '../support/collector.ts';

const CANARY = 'canary7f3a';

afterAll(() => {
  for (const api of [trace, context, propagation]) api.disable();
});

test('a span leaves with what may be told of it, and with no word of an error, an event, a link or a stranger', async () => {
  const collector = await startCollector();
  const tracing = startTracing({ endpoint: `${collector.url}/`, share: 1, service: 'test' });
  const other = {
    traceId: '4bf92f3577b34da6a3ce929d0e0e4736',
    spanId: '00f067aa0ba902b7',
    traceFlags: TraceFlags.SAMPLED,
  };
  let logged = {};
  trace
    .getTracer('test')
    .startActiveSpan('work', { links: [{ context: other, attributes: { a: CANARY } }] }, (span) => {
      logged = traceIdOfLine();
      span.setAttributes({
        'peer.service': 'front',
        'url.full': `https://example.com/?${CANARY}`,
        temporalUpdateId: CANARY,
      });
      span.addEvent(CANARY, { b: CANARY });
      span.recordException(new TypeError(CANARY));
      span.setStatus({ code: SpanStatusCode.ERROR, message: CANARY });
      span.end();
    });
  await tracing.stop();
  const [span] = collector.spans;
  expect(span).toMatchObject({ name: 'work', service: 'holdfast-test' });
  expect(span?.attributes).toEqual({ 'peer.service': 'front', 'error.type': 'TypeError' });
  expect(logged).toEqual({ traceId: span?.traceId });
  expect(collector.bodies.join('\n')).not.toContain(CANARY);
  await collector.close();
});
