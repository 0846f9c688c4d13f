import { defineEntity, p } from '@mikro-orm/core';

const CustomerSchema = defineEntity({
  name: 'Customer',
  tableName: 'customers',
  properties: {
    id: p.uuid().primary(),
    email: p.string(),
    name: p.string().nullable(),
    tier: p.string().nullable(),
    organisationId: p.uuid().nullable(),
    erasedAt: p.datetime().nullable(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** Somebody who writes to the desk, known by an address in small letters. */
export class Customer extends CustomerSchema.class {}
CustomerSchema.setClass(Customer);
