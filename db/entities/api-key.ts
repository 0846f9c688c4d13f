import { defineEntity, p } from '@mikro-orm/core';
import { type Permission, ROLES } from '../../domain/permissions.ts';
import type { Scope } from '../../domain/scope.ts';
import { User } from './user.ts';

const ApiKeySchema = defineEntity({
  name: 'ApiKey',
  tableName: 'api_keys',
  properties: {
    id: p.uuid().primary(),
    name: p.string(),
    role: p.enum(ROLES),
    user: () => p.manyToOne(User).nullable(),
    hash: p.string(),
    hint: p.string().nullable(),
    permissions: p.json<Permission[]>().nullable(),
    scope: p.json<Scope>().nullable(),
    createdBy: p.uuid().nullable(),
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
});

/** A bearer key; only the SHA-256 of it is kept. */
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);
