/** API keys as the API shows and takes them. */
import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { ApiKey } from '../../db/entities/api-key.ts';
import { PERMISSIONS, type Permission, ROLES } from '../../domain/permissions.ts';
import { instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';
import { scopeInput, scopeJson, scopeSchema } from './scope.ts';
import { words } from './text.ts';

const permissions = z
  .array(z.enum(PERMISSIONS))
  .transform((names): Permission[] => [...new Set(names)].sort())
  .nullable()
  .meta({ description: 'What the key is cut down to, of what its role grants; null: all of it.' });
const scope = scopeInput.meta({ description: 'Narrows what is seen further than the user’s own scope does.' });

export const newApiKeySchema = z.strictObject({
  name: words(200),
  userId: z.guid({ error: 'must be the id of a user' }).nullable().optional().meta({
    description:
      'Whose key it is, with the role that the user has at each request; without one it is an integration’s.',
  }),
  permissions: permissions.optional(),
  scope: scope.optional(),
});
export const apiKeyChangeSchema = z.strictObject({ name: words(200), permissions, scope }).partial();

export const apiKeySchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    role: z.enum(ROLES),
    user: orNull(z.object({ id: z.uuid(), name: z.string() })),
    permissions: z.array(z.enum(PERMISSIONS)).nullable(),
    scope: scopeSchema.meta({ description: 'The key’s own; what is seen is within the user’s as well.' }),
    hint: z.string().nullable().meta({ description: 'The last four letters of the key.' }),
    createdBy: z.uuid().nullable(),
    createdAt: instantSchema,
    lastUsedAt: instantSchema.nullable(),
  })
  .meta({ id: 'ApiKey' });

export type ApiKeyJson = z.infer<typeof apiKeySchema>;

/** A key, read with its user, as JSON. */
export function apiKeyJson(key: ApiKey): ApiKeyJson {
  const { id, name, hint = null, createdBy = null, permissions = null } = key;
  const user = key.user ?? null;
  return {
    id,
    name,
    role: user?.role ?? key.role,
    user: user === null ? null : { id: user.id, name: user.name },
    permissions,
    scope: scopeJson(key.scope),
    hint,
    createdBy,
    createdAt: key.createdAt.toISOString(),
    lastUsedAt: key.lastUsedAt?.toISOString() ?? null,
  };
}

/** The `ETag` of a key: of what is shown but its use, which changes without anybody writing to the key. */
export function apiKeyEtag(key: ApiKey): string {
  const { lastUsedAt: _, ...shown } = apiKeyJson(key);
  const hash = createHash('sha256').update(JSON.stringify(shown));
  return `"${hash.digest('base64url').slice(0, 22)}"`;
}
