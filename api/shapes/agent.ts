/** Agents as the API shows and takes them. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { ON_AWAY } from '../../db/entities/agent.ts';
import { AVAILABILITIES } from '../../domain/assignment.ts';
import { ROLES } from '../../domain/permissions.ts';
import type { AgentRow } from '../reads/agents.ts';
import { instant, instantSchema } from './instant.ts';
import { settingId } from './setting-id.ts';
import { skillsSchema } from './skills.ts';
import { words } from './text.ts';

const fields = {
  capacity: z
    .int()
    .min(0)
    .max(1000)
    .meta({ description: 'How many tickets at once. Below the load, nothing more comes until it fits again.' }),
  senior: z.boolean(),
  languages: z
    .array(z.string().regex(/^[a-z]{2}$/, { error: 'must be two small letters of ISO 639-1, such as de' }))
    .max(20)
    .transform((languages) => [...new Set(languages)]),
  skills: skillsSchema,
  teams: z
    .array(settingId)
    .max(50)
    .transform((teams) => [...new Set(teams)].sort()),
  calendarId: settingId.nullable().meta({ description: 'The working hours; null: always.' }),
  onAway: z.enum(ON_AWAY).meta({ description: 'What becomes of the agent’s tickets when the agent is not online.' }),
};

export const agentChangeSchema = z.strictObject(fields).partial();
export type AgentChange = z.output<typeof agentChangeSchema>;
export const newAgentSchema = agentChangeSchema.extend({
  email: z
    .email({ error: 'must be an e-mail address' })
    .max(254)
    .transform((email) => email.toLowerCase()),
  name: words(200),
  role: z.enum(['agent', 'bot'], { error: 'must be agent or bot' }),
});

export const agentSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    email: z.string(),
    role: z.enum(ROLES),
    availability: z.enum(AVAILABILITIES),
    capacity: z.int(),
    load: z.int().meta({ description: 'Tickets that are assigned and neither resolved nor closed.' }),
    senior: z.boolean(),
    languages: z.array(z.string()),
    skills: z.record(z.string(), z.int()),
    teams: z.array(z.string()),
    calendarId: z.string().nullable(),
    onAway: z.enum(ON_AWAY),
    lastSeenAt: instantSchema.nullable(),
    lastAssignedAt: instantSchema.nullable(),
    updatedAt: instantSchema,
  })
  .meta({ id: 'Agent' });

export type AgentJson = z.infer<typeof agentSchema>;

/** An agent as JSON. */
export function agentJson(row: AgentRow): AgentJson {
  const { id, name, email, role, availability, capacity, load, senior, languages, skills, teams } = row;
  return {
    id,
    name,
    email,
    role,
    availability,
    capacity,
    load,
    senior,
    languages,
    skills,
    teams,
    calendarId: row.calendarId,
    onAway: row.onAway,
    lastSeenAt: instant(row.lastSeenAt),
    lastAssignedAt: instant(row.lastAssignedAt),
    updatedAt: instant(row.updatedAt),
  };
}

/** The `ETag` of an agent, of all that is shown: the load changes without anybody writing to the agent. */
export function agentEtag(row: AgentRow): string {
  const shown = createHash('sha256').update(JSON.stringify(agentJson(row)));
  return `"${shown.digest('base64url').slice(0, 22)}"`;
}
