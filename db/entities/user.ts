import { defineEntity, p } from '@mikro-orm/core';
import { ROLES } from '../../domain/permissions.ts';
import type { Scope } from '../../domain/scope.ts';

const UserSchema = defineEntity({
  name: 'User',
  tableName: 'users',
  properties: {
    id: p.uuid().primary(),
    email: p.string(),
    name: p.string(),
    role: p.enum(ROLES),
    passwordHash: p.string().nullable(),
    slackUserId: p.string().nullable(),
    customerId: p.uuid().nullable(),
    scope: p.json<Scope>().nullable(),
    disabledAt: p.datetime().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** Somebody who can sign in, or act by an API key: who works at the desk, and a customer with a login. */
export class User extends UserSchema.class {}
UserSchema.setClass(User);
