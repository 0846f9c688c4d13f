/**
 * Agents: who works at the desk, people and bots alike, and how much each takes.
 *
 * An agent is a user; being at work is told by logging in and out, in agent-availability.ts.
 */
import { randomBytes } from 'node:crypto';
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { besideSettings } from '../../db/change-settings.ts';
import { Agent } from '../../db/entities/agent.ts';
import { AVAILABILITIES } from '../../domain/assignment.ts';
import { API_KEY_PREFIX, hashApiKey } from '../authenticate.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { findAgent, listAgents } from '../reads/agents.ts';
import { nothing, route } from '../route.ts';
import { checkNamed, wrong } from '../setting-checks.ts';
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

export const listAgentsRoute = route({
  method: 'get',
  path: '/api/v1/agents',
  permission: 'agents:read',
  summary: 'List agents by name',
  params: nothing,
  query: z.strictObject({
    availability: z.enum(AVAILABILITIES).optional(),
    team: z.string().max(60).optional(),
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
  async handle({ body: { email, name, role, ...given } }, _caller, { orm }) {
    const { row, apiKey } = await besideSettings(orm, async (em) => {
      const id = newId();
      const added = await em.execute<{ id: string }[]>(
        `insert into users (id, email, name, role, created_at) values (?, ?, ?, ?, now())
         on conflict (email) do nothing returning id`,
        [id, email, name, role],
      );
      if (added.length === 0) throw wrong('email', `is "${email}", which another user has; give another address`);
      const agent = await em.findOneOrFail(Agent, { id });
      await alter(em, agent, given);
      const apiKey = role === 'bot' ? await newApiKey(em, id, name) : null;
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
  async handle({ params, body }, { requireMatch }, { orm }) {
    const row = await besideSettings(orm, async (em) => {
      const { id } = await findAgent(em, params.id);
      const agent = await em.findOneOrFail(Agent, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
      requireMatch(agentEtag(await findAgent(em, id)));
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
  await em.execute('delete from team_members where agent_id = ?', [agent.id]);
  await em.execute(
    'insert into team_members (team_id, agent_id) select t, ?::uuid from jsonb_array_elements_text(?::jsonb) t',
    [agent.id, JSON.stringify(teams)],
  );
}

/** Only the hash is kept. */
async function newApiKey(em: EntityManager, userId: string, name: string): Promise<string> {
  const apiKey = `${API_KEY_PREFIX}${randomBytes(24).toString('base64url')}`;
  await em.execute(
    `insert into api_keys (id, name, role, user_id, hash, created_at) values (?, ?, 'bot', ?, ?, now())`,
    [newId(), name, userId, hashApiKey(apiKey)],
  );
  return apiKey;
}
