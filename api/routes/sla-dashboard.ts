/** How the desk stands at this moment, in a few figures. */
import { z } from 'zod';
import { offsetsOf } from '../../db/zone-offsets.ts';
import type { Target } from '../../domain/sla-policy.ts';
import { type Figures, figuresOf } from '../reads/sla-dashboard.ts';
import { nothing, route } from '../route.ts';
import { zoneSchema } from '../shapes/zone.ts';

const resultSchema = z
  .object({
    met: z.int(),
    missed: z.int(),
    percentMet: z.number().nullable().meta({ description: 'To one decimal; null where nothing was met or missed.' }),
  })
  .meta({ id: 'TargetResult' });

const dashboardSchema = z
  .object({
    open: z.int().meta({ description: 'Tickets with work to do.' }),
    unassigned: z.int(),
    longestWaitSeconds: z
      .int()
      .nullable()
      .meta({ description: 'For how long the oldest question under a response target has waited for an answer.' }),
    atRiskNextHour: z.int().meta({ description: 'Tickets with a deadline within the next hour.' }),
    breachedNow: z.int().meta({ description: 'Tickets late with what is still owed.' }),
    today: z.object({ firstResponse: resultSchema, nextResponse: resultSchema, resolution: resultSchema }),
    agents: z.object({
      online: z.int(),
      away: z.int(),
      capacity: z.int().meta({ description: 'Of those who are online.' }),
      load: z.int().meta({ description: 'Of those who are online.' }),
    }),
  })
  .meta({ id: 'SlaDashboard' });

export const slaDashboardRoute = route({
  method: 'get',
  path: '/api/v1/sla/dashboard',
  permission: 'reports:read',
  summary: 'See how the desk stands: what is open, what is late or soon will be, and how much was met today',
  params: nothing,
  query: z.strictObject({ zone: zoneSchema.default('UTC').meta({ description: 'Whose day today is.' }) }),
  body: nothing,
  answer: {
    status: 200,
    description: 'As it is at this moment, of the tickets that you see.',
    schema: dashboardSchema,
  },
  errors: [],
  async handle({ query }, { principal }, { pool, now }) {
    const at = now();
    const figures = await figuresOf(pool, principal, at, midnightOf(query.zone, at));
    const { open, unassigned, breached, dueNextHour, awaitedSince, agents } = figures;
    const today = (target: Target) => resultOf(figures.today.find((one) => one.target === target));
    return {
      body: {
        open,
        unassigned,
        longestWaitSeconds: awaitedSince === null ? null : Math.max(0, Math.round((at - awaitedSince) / 1000)),
        atRiskNextHour: dueNextHour,
        breachedNow: breached,
        today: {
          firstResponse: today('firstResponse'),
          nextResponse: today('nextResponse'),
          resolution: today('resolution'),
        },
        agents,
      },
    };
  },
});

function resultOf(counted: Figures['today'][number] | undefined): z.infer<typeof resultSchema> {
  const { met = 0, missed = 0 } = counted ?? {};
  return { met, missed, percentMet: met + missed === 0 ? null : Math.round((1000 * met) / (met + missed)) / 10 };
}

const DAY = 24 * 3_600_000;

/** When the day in which `at` lies began in `zone`; all in milliseconds since 1970. */
function midnightOf(zone: string, at: number): number {
  const offsets = offsetsOf(zone, at - 2 * DAY, at).map(([from, minutes]) => ({ from, offset: minutes * 60_000 }));
  const offsetAt = (instant: number) => offsets.findLast(({ from }) => from <= instant)?.offset ?? 0;
  const midnight = Math.floor((at + offsetAt(at)) / DAY) * DAY;
  // The offset may have changed since midnight.
  return midnight - offsetAt(midnight - offsetAt(at));
}
