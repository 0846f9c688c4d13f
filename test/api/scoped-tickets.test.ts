import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { searchTickets } from '../../api/reads/search.ts';
import { listTickets } from '../../api/reads/ticket-lists.ts';
import type { Viewer } from '../../domain/scope.ts';
import { addCustomer, addTicket } from './said.ts';
import { startApi, type TestApi } from './support.ts';

interface Made {
  id: string;
  team: string | null;
  type: string | null;
  organisation: string | null;
  assignee: string | null;
}

const TEAMS = [null, 'billing', 'success'];
const TYPES = [null, 'refund', 'outage'];

let api: TestApi;
let agentId: string;
let organisationId: string;
const made: Made[] = [];

beforeAll(async () => {
  api = await startApi();
  const { pool } = api.db;
  ({ userId: agentId } = await api.newKey('agent'));
  organisationId = randomUUID();
  await pool.query('insert into organisations (id, name) values ($1, $2)', [organisationId, 'Tamarind Ltd']);
  const of = await addCustomer(api.db, null, 'tamarind@example.com');
  await pool.query('update customers set organisation_id = $2 where id = $1', [of, organisationId]);
  const other = await addCustomer(api.db, null, 'nobody@example.com');
  for (const team of TEAMS) {
    for (const type of TYPES) {
      for (const [requesterId, organisation] of [
        [of, organisationId],
        [other, null],
      ] as const) {
        for (const assignee of [null, agentId]) {
          const { id } = await addTicket(api.db, {
            subject: 'Tamarind',
            teamId: team,
            supportTypeId: type,
            requesterId,
            state: { assigneeId: assignee },
          });
          made.push({ id, team, type, organisation, assignee });
        }
      }
    }
  }
});
afterAll(() => api.close());

test('whatever the scope and whatever is asked for, lists and searches show what fits both, and all of it', async () => {
  const { pool } = api.db;
  for (const viewer of viewers()) {
    for (const team of [undefined, 'billing', 'success']) {
      for (const supportType of [undefined, 'refund']) {
        const fits = made.filter(
          (ticket) =>
            sees(viewer, ticket) &&
            [ticket.team, undefined].includes(team) &&
            [ticket.type, undefined].includes(supportType),
        );
        const page = { viewer, filters: { team, supportType }, sort: '-createdAt', after: null, limit: 100 } as const;
        const shown = {
          listed: await listTickets(pool, page),
          found: await searchTickets(pool, { ...page, inside: true, typed: 'tamarind' }),
        };
        for (const [how, rows] of Object.entries(shown)) {
          expect([how, viewer, team, supportType, rows.map(({ id }) => id).toSorted()]).toEqual([
            how,
            viewer,
            team,
            supportType,
            fits.map(({ id }) => id).toSorted(),
          ]);
        }
      }
    }
  }
});

function* viewers(): Generator<Viewer> {
  for (const holderId of [null, agentId]) {
    for (const teams of [null, [], ['billing'], ['billing', 'success']]) {
      for (const supportTypes of [null, [], ['refund']]) {
        for (const organisations of [null, [organisationId]]) {
          yield { holderId, customerId: null, scope: { teams, supportTypes, organisations } };
        }
      }
    }
  }
}

/** As the scope's words say it, without SQL. */
function sees({ holderId, scope }: Viewer, { team, type, organisation, assignee }: Made): boolean {
  const isIn = (part: readonly string[] | null, value: string | null) =>
    part === null || (value !== null && part.includes(value));
  const inScope = isIn(scope.teams, team) && isIn(scope.supportTypes, type) && isIn(scope.organisations, organisation);
  return inScope || (holderId !== null && assignee === holderId);
}
