/** Rotas: who is on call, by turns that the desk keeps or by a schedule of PagerDuty's. */
import { Rota } from '../../db/entities/rota.ts';
import type { EntityManager } from '@mikro-orm/postgresql';
import type { KeptRota, RotaBody } from '../../db/rotas.ts';
import { checkNamed, usersBy, wrong } from '../setting-checks.ts';
import { settingRoutes } from '../setting-routes.ts';
import { newRotaSchema, type RotaChange, rotaChangeSchema, rotaJson, rotaSchema, turnsOf } from '../shapes/rota.ts';

export const rotaRoutes = settingRoutes({
  path: '/api/v1/rotas',
  noun: 'rota',
  plural: 'rotas',
  most: 100,
  schema: rotaSchema,
  create: newRotaSchema,
  change: rotaChangeSchema,
  page: (em, after, limit) =>
    em.find(Rota, after === null ? {} : { id: { $gt: after } }, { orderBy: { id: 'asc' }, limit }),
  placeOf: ({ id }) => id,
  find: (em, id) => em.findOne(Rota, { id }),
  count: (em) => em.count(Rota),
  json: async (_em, rows) => rows.map(rotaJson),
  async add(em, id, { kind = 'turns', ...given }, at) {
    await checkAgents(em, given);
    const { name } = given;
    const body =
      kind === 'turns' ? newTurns({ ...given, overrides: given.overrides ?? [] }, id, name) : schedule(given);
    return em.create(Rota, { id, name, body, createdAt: at, updatedAt: at });
  },
  async alter(em, row, given) {
    await checkAgents(em, given);
    row.name = given.name ?? row.name;
    row.body = altered(row.body, given, row.name);
  },
  usersOf: (em, { id }) =>
    usersBy(em, `select 'the policy ' || id as by from sla_policies where ladder @> ?::jsonb`, [
      JSON.stringify([{ page: [{ kind: 'onCall', rotaId: id }] }]),
    ]),
  async remove(em, row) {
    await em.remove(row).flush();
  },
});

const TURNS = ['zone', 'startsOn', 'handOverAt', 'rotationDays', 'agentIds', 'overrides'] as const;

function newTurns(given: RotaChange, id: string, name: string): KeptRota {
  refuse(given, ['scheduleId'], 'turns');
  const { zone, startsOn, handOverMinute, rotationDays, agentIds, overrides } = turnsOf(given);
  if (zone === undefined) throw missing('zone');
  if (startsOn === undefined) throw missing('startsOn');
  if (handOverMinute === undefined) throw missing('handOverAt');
  if (rotationDays === undefined) throw missing('rotationDays');
  if (agentIds === undefined) throw missing('agentIds');
  return { id, name, zone, startsOn, handOverMinute, rotationDays, agentIds, overrides: overrides ?? [] };
}

function schedule(given: RotaChange): RotaBody {
  refuse(given, TURNS, 'pagerDuty');
  if (given.scheduleId === undefined) throw wrong('scheduleId', 'is missing; give the id of a schedule of PagerDuty’s');
  return { kind: 'pagerDuty', scheduleId: given.scheduleId };
}

function altered(body: RotaBody, given: RotaChange, name: string): RotaBody {
  if ('kind' in body) return schedule({ scheduleId: body.scheduleId, ...given });
  refuse(given, ['scheduleId'], 'turns');
  return { ...body, name, ...turnsOf(given) };
}

/** A rota stays of its kind. */
function refuse(given: RotaChange, fields: readonly (keyof RotaChange)[], kind: string): void {
  const field = fields.find((name) => given[name] !== undefined);
  if (field !== undefined) throw wrong(field, `does not belong to a rota of the kind "${kind}"; leave it out`);
}

function missing(field: string) {
  return wrong(field, 'is missing; a rota of the kind "turns" needs it');
}

function checkAgents(em: EntityManager, { agentIds = [], overrides = [] }: RotaChange): Promise<void> {
  return checkNamed(em, [
    ...agentIds.map((id, index) => ({ path: `agentIds.${index}`, noun: 'agent' as const, id })),
    ...overrides.map(({ agentId }, index) => ({
      path: `overrides.${index}.agentId`,
      noun: 'agent' as const,
      id: agentId,
    })),
  ]);
}
