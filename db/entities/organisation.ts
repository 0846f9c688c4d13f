import { defineEntity, p } from '@mikro-orm/core';

const OrganisationSchema = defineEntity({
  name: 'Organisation',
  tableName: 'organisations',
  properties: {
    id: p.uuid().primary(),
    name: p.string(),
    domain: p.string().nullable(),
    tier: p.string().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** Those whom customers belong to, with the tier of all who have none of their own. */
export class Organisation extends OrganisationSchema.class {}
OrganisationSchema.setClass(Organisation);
