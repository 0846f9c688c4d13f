import { defineEntity, p } from '@mikro-orm/core';
import type { LadderStep, PolicyFilter, SlaPolicy as Policy } from '../../domain/sla-policy.ts';

const SlaPolicySchema = defineEntity({
  name: 'SlaPolicy',
  tableName: 'sla_policies',
  properties: {
    id: p.string().primary(),
    position: p.integer(),
    name: p.string(),
    filter: p.json<PolicyFilter>(),
    calendarId: p.string().nullable(),
    targets: p.json<Policy['targets']>(),
    warnAt: p.json<number[]>(),
    ladder: p.json<LadderStep[]>(),
    createdAt: p.datetime(),
    updatedAt: p.datetime(),
  },
});

/** A service-level policy; of those that fit a ticket the one with the lowest position holds. */
export class SlaPolicy extends SlaPolicySchema.class {}
SlaPolicySchema.setClass(SlaPolicy);
