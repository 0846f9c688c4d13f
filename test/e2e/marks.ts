/** Marks that are left where a customer's words are kept, and the search for them in everything that the desk keeps. */
import { randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { expect } from 'vitest';
import type { Desk } from '../support/desk.ts';

/** Small letters only, so that it is one word for the search as well, and one that it learns. */
export const mark = (place: string) =>
  `canary${place}${randomUUID().slice(0, 8)}`.replaceAll(/\d/g, (digit) => 'ghijklmnop'.charAt(Number(digit)));

/** Where any of the marks stands, in any column of any table, as text. */
export async function foundInDatabase(desk: Desk, marks: readonly string[]): Promise<string[]> {
  const { rows: tables } = await desk.pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  expect(tables.length).toBeGreaterThan(30);
  const found: string[] = [];
  for (const { name } of tables) {
    const { rows } = await desk.pool.query<{ mark: string }>(
      `select distinct mark from ${name} t, unnest($1::text[]) mark where strpos(lower(t::text), mark) > 0`,
      [marks],
    );
    found.push(...rows.map((row) => `${row.mark} in ${name}`));
  }
  return found;
}

/** Everything that Temporal keeps of the desk's workflows, payloads as text. */
export async function temporalTexts(desk: Desk): Promise<string> {
  const connection = await Connection.connect({ address: desk.temporalAddress });
  const client = new Client({ connection });
  const texts: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({
    query: `TaskQueue STARTS_WITH '${desk.prefix}'`,
  })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    texts.push(plain(await handle.fetchHistory()), plain(await handle.describe()));
    texts.push(plain(await handle.query('__temporal_workflow_metadata')));
  }
  await connection.close();
  expect(texts.length).toBeGreaterThanOrEqual(6);
  return texts.join('\n').toLowerCase();
}

/** As text, whatever is bytes inside as well. */
function plain(value: unknown): string {
  const seen = new WeakSet<object>();
  return JSON.stringify(value, (_, inner: unknown) => {
    if (inner instanceof Uint8Array) return Buffer.from(inner).toString('utf8');
    if (typeof inner === 'bigint') return `${inner}`;
    if (typeof inner !== 'object' || inner === null) return inner;
    if (seen.has(inner)) return 'seen';
    seen.add(inner);
    return inner;
  });
}
