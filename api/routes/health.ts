/** Whether this process lives, and whether it can do its work. */
import { z } from 'zod';
import { nothing, route } from '../route.ts';

const check = z.enum(['ok', 'unreachable']);

export const livezRoute = route({
  method: 'get',
  path: '/livez',
  permission: 'public',
  summary: 'Whether the process answers',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'It does.', schema: z.object({ status: z.literal('ok') }) },
  errors: [],
  handle: () => Promise.resolve({ body: { status: 'ok' as const } }),
});

export const readyzRoute = route({
  method: 'get',
  path: '/readyz',
  permission: 'public',
  summary: 'Whether the database and Temporal can be reached; 503 with the same body when not',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'Both can be reached.',
    schema: z.object({
      status: z.enum(['ready', 'not_ready']),
      checks: z.object({ database: check, temporal: check }),
    }),
  },
  sameBodyWith: 503,
  errors: [],
  async handle(_input, _caller, { pool, temporal, logger }) {
    const [database, flows] = await Promise.all([
      pool.query('select 1').then(
        () => true,
        (error: unknown) => {
          logger.warn({ err: error }, 'The database cannot be reached.');
          return false;
        },
      ),
      temporal.reachable(),
    ]);
    const checks = { database: word(database), temporal: word(flows) };
    const ready = database && flows;
    return { status: ready ? 200 : 503, body: { status: ready ? ('ready' as const) : ('not_ready' as const), checks } };
  },
});

function word(reachable: boolean): z.infer<typeof check> {
  return reachable ? 'ok' : 'unreachable';
}
