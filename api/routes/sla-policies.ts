/** Service-level policies, in the order in which they are tried on a ticket. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { SlaPolicy } from '../../db/entities/sla-policy.ts';
import { checkNamed, type Named, putAt, usersBy, wrong } from '../setting-checks.ts';
import { settingRoutes } from '../setting-routes.ts';
import {
  ladderOf,
  MOST_POLICIES,
  newSlaPolicySchema,
  type SlaPolicyChange,
  slaPolicyChangeSchema,
  slaPolicyJson,
  slaPolicySchema,
  targetsOf,
} from '../shapes/sla-policy.ts';

/** How a ticket that no policy fits names its policy. */
const NO_POLICY = 'none';
/** When a ticket is said to be at risk, unless a policy says otherwise. */
const WARN_AT = [0.75];

export const slaPolicyRoutes = settingRoutes({
  path: '/api/v1/sla/policies',
  noun: 'policy',
  plural: 'policies',
  most: MOST_POLICIES,
  schema: slaPolicySchema,
  create: newSlaPolicySchema,
  change: slaPolicyChangeSchema,
  page: (em, after, limit) =>
    em.find(SlaPolicy, after === null ? {} : { position: { $gt: Number(after) } }, {
      orderBy: { position: 'asc' },
      limit,
    }),
  placeOf: ({ position }) => String(position),
  find: (em, id) => em.findOne(SlaPolicy, { id }),
  count: (em) => em.count(SlaPolicy),
  json: async (_em, rows) => rows.map(slaPolicyJson),
  async add(em, id, given, at) {
    if (id === NO_POLICY) throw wrong('id', 'is "none", which stands for no policy; give another');
    await checkNamed(em, namedBy(given));
    const all = await inOrder(em);
    const row = em.create(SlaPolicy, {
      id,
      position: 0,
      name: given.name,
      filter: given.filter ?? {},
      calendarId: given.calendarId ?? null,
      targets: targetsOf(given.targets),
      warnAt: given.warnAt ?? WARN_AT,
      ladder: ladderOf(given.ladder ?? []),
      createdAt: at,
      updatedAt: at,
    });
    putAt(all, row, given.position ?? all.length + 1, at);
    return row;
  },
  async alter(em, row, given, at) {
    await checkNamed(em, namedBy(given));
    row.name = given.name ?? row.name;
    row.filter = given.filter ?? row.filter;
    if (given.calendarId !== undefined) row.calendarId = given.calendarId;
    if (given.targets !== undefined) row.targets = targetsOf(given.targets);
    row.warnAt = given.warnAt ?? row.warnAt;
    if (given.ladder !== undefined) row.ladder = ladderOf(given.ladder);
    if (given.position !== undefined) putAt(await inOrder(em), row, given.position, at);
  },
  // A ticket under it goes under the one that fits then.
  usersOf: (em, { id }) =>
    usersBy(em, `select 'the support type ' || id as by from support_types where body ->> 'policyId' = ?`, [id]),
  async remove(em, row) {
    await em.remove(row).flush();
  },
});

function inOrder(em: EntityManager): Promise<SlaPolicy[]> {
  return em.find(SlaPolicy, {}, { orderBy: { position: 'asc' } });
}

function namedBy({ calendarId, filter, ladder = [] }: SlaPolicyChange): Named[] {
  const pagees = ladder.flatMap(({ page }, step) =>
    page.map((pagee, index) => ({ pagee, path: `ladder.${step}.page.${index}` })),
  );
  return [
    { path: 'calendarId', noun: 'calendar', id: calendarId },
    ...(filter?.supportType ?? []).map((id, index) => ({
      path: `filter.supportType.${index}`,
      noun: 'support type' as const,
      id,
    })),
    ...pagees.flatMap(({ pagee, path }): Named[] => {
      if (pagee.kind === 'team') return [{ path: `${path}.teamId`, noun: 'team', id: pagee.teamId }];
      return pagee.kind === 'onCall' ? [{ path: `${path}.rotaId`, noun: 'rota', id: pagee.rotaId }] : [];
    }),
  ];
}
