/** Support types: what a kind of request asks of the customer, how it may be resolved, and who gets it. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { SupportType } from '../../db/entities/support-type.ts';
import type { SupportType as Body } from '../../domain/support-type.ts';
import { checkNamed, merged, putAt, usersBy, wrong } from '../setting-checks.ts';
import { settingRoutes } from '../setting-routes.ts';
import {
  MOST_TYPES,
  newSupportTypeSchema,
  supportTypeChangeSchema,
  supportTypeJson,
  supportTypeSchema,
} from '../shapes/support-type.ts';

/** What a new type has unless it says otherwise. */
const USUAL: Omit<Body, 'id' | 'name' | 'category'> = {
  description: '',
  form: [],
  resolutionReasons: [],
  reasonRequired: false,
  assignmentMode: 'leastLoaded',
  teamId: null,
  policyId: null,
  autonomy: 'suggest',
  tags: [],
  skills: {},
  autoCloseDays: 7,
};

export const supportTypeRoutes = settingRoutes({
  path: '/api/v1/support-types',
  noun: 'support type',
  plural: 'support types',
  most: MOST_TYPES,
  schema: supportTypeSchema,
  create: newSupportTypeSchema,
  change: supportTypeChangeSchema,
  page: (em, after, limit) =>
    em.find(SupportType, after === null ? {} : { position: { $gt: Number(after) } }, {
      orderBy: { position: 'asc' },
      limit,
    }),
  placeOf: ({ position }) => String(position),
  find: (em, id) => em.findOne(SupportType, { id }),
  count: (em) => em.count(SupportType),
  json: async (_em, rows) => rows.map(supportTypeJson),
  async add(em, id, { position, active = true, name, category, ...given }, at) {
    const body = await checked(em, merged<Body>({ ...USUAL, id, name, category }, { ...given, id }));
    const all = await inOrder(em);
    const row = em.create(SupportType, { id, position: 0, body, active, createdAt: at, updatedAt: at });
    putAt(all, row, position ?? all.length + 1, at);
    return row;
  },
  async alter(em, row, { position, active, ...given }, at) {
    row.body = await checked(em, merged<Body>(row.body, given));
    row.active = active ?? row.active;
    if (position !== undefined) putAt(await inOrder(em), row, position, at);
  },
  usersOf: (em, { id }) =>
    usersBy(
      em,
      `select 'the policy ' || id as by from sla_policies where filter -> 'supportType' @> to_jsonb(?::text)
       union all
       select count(*) || case count(*) when 1 then ' ticket that is' else ' tickets that are' end || ' not closed' from tickets where support_type = ? and status <> 'closed'
       having count(*) > 0`,
      [id, id],
    ),
  async remove(em, row) {
    await em.remove(row).flush();
  },
});

/** The type, when what it names exists and it can be met. */
async function checked(em: EntityManager, body: Body): Promise<Body> {
  if (body.reasonRequired && body.resolutionReasons.length === 0) {
    throw wrong('reasonRequired', 'is true, and there is no reason to choose; give "resolutionReasons" as well');
  }
  await checkNamed(em, [
    { path: 'teamId', noun: 'team', id: body.teamId },
    { path: 'policyId', noun: 'policy', id: body.policyId },
  ]);
  return body;
}

function inOrder(em: EntityManager): Promise<SupportType[]> {
  return em.find(SupportType, {}, { orderBy: { position: 'asc', id: 'asc' } });
}
