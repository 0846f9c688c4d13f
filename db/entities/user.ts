import { defineEntity, p } from '@mikro-orm/core';
import { ROLES } from '../../domain/permissions.ts';

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
    createdAt: p.datetime(),
  },
});

/** Somebody who works at the desk. */
export class User extends UserSchema.class {}
UserSchema.setClass(User);
