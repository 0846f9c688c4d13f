import { defineEntity, p } from '@mikro-orm/core';
import type { SupportType as Body } from '../../domain/support-type.ts';

const SupportTypeSchema = defineEntity({
  name: 'SupportType',
  tableName: 'support_types',
  properties: {
    id: p.string().primary(),
    position: p.integer(),
    body: p.json<Body>(),
    active: p.boolean(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** A support type; one that is not active is given to no ticket any more. */
export class SupportType extends SupportTypeSchema.class {}
SupportTypeSchema.setClass(SupportType);
