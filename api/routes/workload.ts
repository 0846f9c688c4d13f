/** Who has how much to do. */
import { z } from 'zod';
import { AVAILABILITIES } from '../../domain/assignment.ts';
import { workloadOf } from '../reads/workload.ts';
import { nothing, route } from '../route.ts';

const counts = {
  capacity: z.int(),
  load: z.int().meta({ description: 'Tickets assigned and neither resolved nor closed; of a team: of its members.' }),
  open: z.int(),
  pending: z.int().meta({ description: 'Pending or on hold.' }),
  atRisk: z.int(),
  breached: z.int().meta({ description: 'Late with what is still owed.' }),
  waiting: z.int().meta({ description: 'Waiting for an agent: for one of the team, or for this one first.' }),
};

export const workloadRoute = route({
  method: 'get',
  path: '/api/v1/workload',
  permission: 'workload:read',
  summary: 'See how much every agent and every team has to do',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'As it is at this moment.',
    schema: z.object({
      agents: z.array(z.object({ id: z.uuid(), name: z.string(), availability: z.enum(AVAILABILITIES), ...counts })),
      teams: z.array(z.object({ id: z.string(), name: z.string(), ...counts })),
    }),
  },
  errors: [],
  handle: async (_input, { principal }, { pool }) => ({ body: await workloadOf(pool, principal) }),
});
