/** Teams. Deleting one takes its members out of it; a team that work still goes to is not deleted. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { Team } from '../../db/entities/team.ts';
import { usersBy, wrong } from '../setting-checks.ts';
import { settingRoutes } from '../setting-routes.ts';
import { type Member, newTeamSchema, teamChangeSchema, teamJson, teamSchema } from '../shapes/team.ts';

export const teamRoutes = settingRoutes({
  path: '/api/v1/teams',
  noun: 'team',
  plural: 'teams',
  most: 200,
  schema: teamSchema,
  create: newTeamSchema,
  change: teamChangeSchema,
  page: (em, after, limit) =>
    em.find(Team, after === null ? {} : { id: { $gt: after } }, { orderBy: { id: 'asc' }, limit }),
  placeOf: ({ id }) => id,
  find: (em, id) => em.findOne(Team, { id }),
  count: (em) => em.count(Team),
  async json(em, rows) {
    const members = await membersOf(
      em,
      rows.map(({ id }) => id),
    );
    return rows.map((row) => teamJson(row, members.get(row.id) ?? []));
  },
  async add(em, id, { name }, at) {
    await checkName(em, name, id);
    return em.create(Team, { id, name, createdAt: at, updatedAt: at });
  },
  async alter(em, row, { name = row.name }) {
    await checkName(em, name, row.id);
    row.name = name;
  },
  usersOf: (em, { id }) =>
    usersBy(
      em,
      `select 'the support type ' || id as by from support_types where body ->> 'teamId' = ?
       union all
       select 'the policy ' || id from sla_policies where ladder @> ?::jsonb
       union all
       select count(*) || case count(*) when 1 then ' ticket that is' else ' tickets that are' end || ' not closed' from tickets where team_id = ? and status <> 'closed'
       having count(*) > 0`,
      [id, JSON.stringify([{ page: [{ kind: 'team', teamId: id }] }]), id],
    ),
  async remove(em, row) {
    await em.remove(row).flush();
  },
});

async function checkName(em: EntityManager, name: string, id: string): Promise<void> {
  const other = await em.findOne(Team, { name, id: { $ne: id } });
  if (other !== null) throw wrong('name', `is "${name}", as the team "${other.id}" is called already; give another`);
}

async function membersOf(em: EntityManager, teamIds: readonly string[]): Promise<Map<string, Member[]>> {
  const rows = await em.execute<(Member & { teamId: string })[]>(
    `select m.team_id as "teamId", u.id, u.name from team_members m join users u on u.id = m.agent_id
     where m.team_id in (select jsonb_array_elements_text(?::jsonb)) order by u.name, u.id`,
    [JSON.stringify(teamIds)],
  );
  const members = new Map<string, Member[]>();
  for (const { teamId, id, name } of rows) members.set(teamId, [...(members.get(teamId) ?? []), { id, name }]);
  return members;
}
