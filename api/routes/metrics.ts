/** What Prometheus reads. It asks with an API key, so that it may come from anywhere. */
import { z } from 'zod';
import { PROMETHEUS_TYPE } from '../../integrations/prometheus.ts';
import { nothing, route } from '../route.ts';

export const metricsRoute = route({
  method: 'get',
  path: '/metrics',
  permission: 'metrics:read',
  summary: 'Read the figures of this process and of the desk, as Prometheus’ text',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'Prometheus’ text format 0.0.4.', schema: z.string(), type: PROMETHEUS_TYPE },
  errors: [],
  handle: async (_input, _caller, { metrics }) => ({ body: await metrics.text() }),
});
