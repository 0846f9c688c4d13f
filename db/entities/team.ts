import { defineEntity, p } from '@mikro-orm/core';

const TeamSchema = defineEntity({
  name: 'Team',
  tableName: 'teams',
  properties: {
    id: p.string().primary(),
    name: p.string(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** A team; who is in it is kept in `team_members`. */
export class Team extends TeamSchema.class {}
TeamSchema.setClass(Team);
