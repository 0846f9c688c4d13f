/** Being at work: who could take a ticket now, logging in and logging out. */
import type { Pool } from 'pg';
import { z } from 'zod';
import { candidates, DISPATCH_CHANNEL } from '../../db/agents.ts';
import { isFree } from '../../db/hand-out.ts';
import { AVAILABILITIES, type Availability } from '../../domain/assignment.ts';
import { DeskError } from '../../domain/errors.ts';
import { may } from '../../domain/permissions.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import type { Principal } from '../principal.ts';
import { findAgent, listAgents } from '../reads/agents.ts';
import { nothing, type Route, route } from '../route.ts';
import { agentEtag, agentJson, agentSchema } from '../shapes/agent.ts';
import { agentParams } from '../shapes/agent-params.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { settingId } from '../shapes/setting-id.ts';

export const availableAgentsRoute = route({
  method: 'get',
  path: '/api/v1/agents/available',
  permission: 'agents:read',
  summary: 'List the agents who could take a ticket now: online, within working hours, with room',
  params: nothing,
  query: z.strictObject({ team: settingId.optional(), fields: fieldsOf(agentSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of agents, by name.', schema: pageOf(agentSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, _caller, { orm, pool, cursors, settings, now }) {
    const { team } = query;
    const ids = (await candidates(pool, await settings.read(), now())).filter(isFree).map(({ id }) => id);
    const em = orm.em.fork();
    const { items, nextCursor } = await readPage(
      cursors,
      ['agents-available', { team }],
      query,
      (after, limit) => listAgents(em, { team, ids }, after, limit),
      (row) => [row.name, row.id],
    );
    return { body: { items: items.map(agentJson), nextCursor } };
  },
});

export const loginAgentRoute = availabilityRoute(
  'login',
  'online',
  'Log in, so that tickets are handed out to the agent',
);
export const logoutAgentRoute = availabilityRoute('logout', 'offline', 'Log out, so that no more tickets come');

function availabilityRoute(step: 'login' | 'logout', usual: Availability, summary: string): Route {
  return route({
    method: 'post',
    path: `/api/v1/agents/{id}/${step}`,
    permission: 'agents:availability',
    summary: `${summary}; an agent does so for itself, a lead for everybody`,
    params: agentParams,
    query: nothing,
    body: z.strictObject({
      state: z
        .enum(AVAILABILITIES)
        .optional()
        .meta({ description: `Without it the agent becomes ${usual}.` }),
    }),
    answer: { status: 200, description: 'The agent as it is now.', schema: agentSchema },
    errors: ['not_found'],
    async handle({ params, body }, { principal }, { orm, pool }) {
      const em = orm.em.fork();
      const { id } = await findAgent(em, params.id);
      requireSelfOrLead(principal, id, step);
      await setAvailability(pool, id, body.state ?? usual);
      const row = await findAgent(em, id);
      return { body: agentJson(row), headers: { ETag: agentEtag(row) } };
    },
  });
}

function requireSelfOrLead(principal: Principal, agentId: string, step: string): void {
  if (principal.userId === agentId || may(principal, 'settings:write')) return;
  const detail = `The role "${principal.role}" lets an agent ${step} for itself only; ask a lead to do it for another.`;
  throw new DeskError('forbidden', detail, { facts: { permission: 'settings:write' } });
}

/** Whoever hands out tickets is told in the same statement. */
async function setAvailability(pool: Pool, agentId: string, availability: Availability): Promise<void> {
  await pool.query({
    name: 'agent-availability',
    text: `with changed as (
             update agents set availability = $2, last_seen_at = now(), updated_at = now() where id = $1 returning id
           )
           select pg_notify('${DISPATCH_CHANNEL}', '') from changed`,
    values: [agentId, availability],
  });
}
