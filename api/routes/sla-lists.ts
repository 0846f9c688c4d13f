/** What is late, and what will be. */
import { z } from 'zod';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { listClocks } from '../reads/sla-lists.ts';
import { nothing, route } from '../route.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { breachJson, breachSchema, riskJson, riskSchema } from '../shapes/sla-lists.ts';

export const breachesRoute = route({
  method: 'get',
  path: '/api/v1/sla/breaches',
  permission: 'tickets:inspect',
  summary: 'List the tickets that are late with what is still owed, the longest late first',
  params: nothing,
  query: z.strictObject({ fields: fieldsOf(breachSchema), ...pageQuery }),
  body: nothing,
  answer: {
    status: 200,
    description: 'A page of them, each with the target that it is late with for longest.',
    schema: pageOf(breachSchema),
  },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors, now }) {
    const { items, nextCursor } = await readPage(
      cursors,
      ['sla-breaches'],
      query,
      (after, limit) => listClocks(pool, principal, { list: 'breaches', after, limit }),
      (row) => [String(row.dueAt), row.id],
    );
    return { body: { items: items.map((row) => breachJson(row, now())), nextCursor } };
  },
});

export const atRiskRoute = route({
  method: 'get',
  path: '/api/v1/sla/at-risk',
  permission: 'tickets:inspect',
  summary: 'List the tickets with a deadline that was warned of, the earliest first',
  params: nothing,
  query: z.strictObject({ fields: fieldsOf(riskSchema), ...pageQuery }),
  body: nothing,
  answer: {
    status: 200,
    description: 'A page of them, each with the target that falls due first.',
    schema: pageOf(riskSchema),
  },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors, now }) {
    const { items, nextCursor } = await readPage(
      cursors,
      ['sla-at-risk'],
      query,
      (after, limit) => listClocks(pool, principal, { list: 'atRisk', after, limit }),
      (row) => [String(row.dueAt), row.id],
    );
    return { body: { items: items.map((row) => riskJson(row, now())), nextCursor } };
  },
});
