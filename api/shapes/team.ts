/** Teams as the API shows and takes them. */
import { z } from 'zod';
import type { Team } from '../../db/entities/team.ts';
import { instantSchema } from './instant.ts';
import { settingId } from './setting-id.ts';
import { words } from './text.ts';

export const newTeamSchema = z.strictObject({ id: settingId.optional(), name: words(120) });
export const teamChangeSchema = z.strictObject({ name: words(120).optional() });

const memberSchema = z.object({ id: z.uuid(), name: z.string() });

export const teamSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    members: z.array(memberSchema).meta({ description: 'By name; PATCH /agents/{id} puts an agent into teams.' }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Team' });

export type Member = z.infer<typeof memberSchema>;

/** A team as JSON. */
export function teamJson(row: Team, members: readonly Member[]): z.infer<typeof teamSchema> {
  return {
    id: row.id,
    name: row.name,
    members: [...members],
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
