import { defineEntity, p } from '@mikro-orm/core';
import { ROLES } from '../../domain/permissions.ts';
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
    createdAt: p.datetime(),
    lastUsedAt: p.datetime().nullable(),
    revokedAt: p.datetime().nullable(),
  },
});

/** A bearer key; only the SHA-256 of it is kept. */
export class ApiKey extends ApiKeySchema.class {}
ApiKeySchema.setClass(ApiKey);
