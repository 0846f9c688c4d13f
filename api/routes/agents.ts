/**
 * Agents: who works at the desk, people and bots alike, and how much each takes.
 *
 * An agent is a user; being at work is told by logging in and out, in agent-availability.ts.
 */
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { besideSettings } from '../../db/change-settings.ts';
import { Agent } from '../../db/entities/agent.ts';
import { AVAILABILITIES } from '../../domain/assignment.ts';
import { EVERYTHING } from '../../domain/scope.ts';
import { actingFor } from '../acting.ts';
import { addApiKey } from '../api-key-changes.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { findAgent, listAgents } from '../reads/agents.ts';
import { nothing, route } from '../route.ts';
import { checkNamed } from '../setting-checks.ts';
import {
  type AgentChange,
  agentChangeSchema,
  agentEtag,
  agentJson,
  agentSchema,
  newAgentSchema,
} from '../shapes/agent.ts';
import { agentParams } from '../shapes/agent-params.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { settingId } from '../shapes/setting-id.ts';
import { addUser } from '../user-changes.ts';

export const listAgentsRoute = route({
  method: 'get',
  path: '/api/v1/agents',
  permission: 'agents:read',
  summary: 'List agents by name',
  params: nothing,
  query: z.strictObject({
    availability: z.enum(AVAILABILITIES).optional(),
    team: settingId.optional(),
    fields: fieldsOf(agentSchema),
    ...pageQuery,
  }),
  body: nothing,
  answer: { status: 200, description: 'A page of agents.', schema: pageOf(agentSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, _caller, { orm, cursors }) {
    const { availability, team } = query;
    const em = orm.em.fork();
    const { items, nextCursor } = await readPage(
      cursors,
      ['agents', { availability, team }],
      query,
      (after, limit) => listAgents(em, { availability, team }, after, limit),
      (row) => [row.name, row.id],
    );
    return { body: { items: items.map(agentJson), nextCursor } };
  },
});

export const getAgentRoute = route({
  method: 'get',
  path: '/api/v1/agents/{id}',
  permission: 'agents:read',
  summary: 'Read an agent',
  params: agentParams,
  query: z.strictObject({ fields: fieldsOf(agentSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The agent.', schema: agentSchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params }, _caller, { orm }) {
    const row = await findAgent(orm.em.fork(), params.id);
    return { body: agentJson(row), headers: { ETag: agentEtag(row) } };
  },
});

export const createAgentRoute = route({
  method: 'post',
  path: '/api/v1/agents',
  permission: 'settings:write',
  summary: 'Add an agent; a bot gets an API key, which is shown this once',
  params: nothing,
  query: nothing,
  body: newAgentSchema,
  answer: {
    status: 201,
    description:
      'The agent. As it may hold a key, the answer is not kept for an Idempotency-Key: a repeat is refused, because its address is taken.',
    schema: agentSchema
      .extend({ apiKey: z.string().nullable().meta({ description: 'Of a bot; kept as a hash only.' }) })
      .meta({ id: 'NewAgent' }),
  },
  errors: [],
  secret: true,
  async handle({ body: { email, name, role, ...given } }, caller, { orm }) {
    const { row, apiKey } = await besideSettings(orm, actingFor(caller), async (em) => {
      // Whoever sees a part of the desk alone adds agents who see that part.
      const { scope } = caller.principal;
      const id = await addUser(em, caller.principal, { email, name, role, scope, customerId: null });
      const agent = await em.findOneOrFail(Agent, { id });
      await alter(em, agent, given);
      const key = { name, userId: id, permissions: null, scope: EVERYTHING };
      const apiKey = role === 'bot' ? (await addApiKey(em, caller.principal, key)).apiKey : null;
      return { row: await findAgent(em, id), apiKey };
    });
    const headers = { Location: `/api/v1/agents/${row.id}`, ETag: agentEtag(row) };
    return { body: { ...agentJson(row), apiKey }, headers };
  },
});

export const changeAgentRoute = route({
  method: 'patch',
  path: '/api/v1/agents/{id}',
  permission: 'settings:write',
  summary: 'Change what an agent takes; what is not given stays',
  params: agentParams,
  query: nothing,
  body: agentChangeSchema,
  answer: {
    status: 200,
    description:
      'The agent. A capacity below the load takes no ticket away: nobody hands the agent another until the load is below it.',
    schema: agentSchema,
  },
  errors: ['not_found'],
  etag: true,
  async handle({ params, body }, caller, { orm }) {
    const row = await besideSettings(orm, actingFor(caller), async (em) => {
      const { id } = await findAgent(em, params.id);
      const agent = await em.findOneOrFail(Agent, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      caller.requireMatch(agentEtag(await findAgent(em, id)));
      await alter(em, agent, body);
      return findAgent(em, id);
    });
    return { body: agentJson(row), headers: { ETag: agentEtag(row) } };
  },
});

async function alter(em: EntityManager, agent: Agent, { teams, ...given }: AgentChange): Promise<void> {
  await checkNamed(em, [
    { path: 'calendarId', noun: 'calendar', id: given.calendarId },
    ...(teams ?? []).map((id, index) => ({ path: `teams.${index}`, noun: 'team' as const, id })),
  ]);
  agent.capacity = given.capacity ?? agent.capacity;
  agent.senior = given.senior ?? agent.senior;
  agent.languages = given.languages ?? agent.languages;
  agent.skills = given.skills ?? agent.skills;
  if (given.calendarId !== undefined) agent.calendarId = given.calendarId;
  agent.onAway = given.onAway ?? agent.onAway;
  agent.updatedAt = new Date();
  await em.flush();
  if (teams === undefined) return;
  // Who stays is left alone, so that the audit log tells of nothing that did not change.
  const wanted = JSON.stringify(teams);
  await em.execute(
    'delete from team_members where agent_id = ? and team_id not in (select jsonb_array_elements_text(?::jsonb))',
    [agent.id, wanted],
  );
  await em.execute(
    `insert into team_members (team_id, agent_id) select t, ?::uuid from jsonb_array_elements_text(?::jsonb) t
     on conflict do nothing`,
    [agent.id, wanted],
  );
}
