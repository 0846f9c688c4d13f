/** All that a desk keeps: every column of its database, and everything that Temporal has of its workflows. */
import { Client, Connection } from '@temporalio/client';
import type { Desk } from '../support/desk.ts';
import { formsOf, type Hidden } from './canary.ts';

/** Which of the secrets stand in the database, and in which table. */
export async function inDatabase({ pool }: Desk, hidden: readonly Hidden[]): Promise<string[]> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select format('%I.%I', table_schema, table_name) as name from information_schema.tables
     where table_type = 'BASE TABLE' and table_schema not in ('pg_catalog', 'information_schema')`,
  );
  const names = new Map(hidden.flatMap(({ name, secret }) => formsOf(secret).map((form) => [form, name] as const)));
  const found: string[] = [];
  for (const { name: table } of tables) {
    const { rows } = await pool.query<{ form: string }>(
      `select distinct form from ${table} t, unnest($1::text[]) form where strpos(lower(t::text), form) > 0`,
      [[...names.keys()]],
    );
    found.push(...rows.map(({ form }) => `${names.get(form) ?? form} in ${table}`));
  }
  return [...new Set(found)];
}

/** Histories, memos, attributes and details of the desk's workflows, payloads as text. */
export async function inTemporal({ temporalAddress, prefix }: Desk): Promise<string> {
  const connection = await Connection.connect({ address: temporalAddress });
  const client = new Client({ connection });
  const texts: string[] = [];
  for await (const { workflowId, runId } of client.workflow.list({ query: `TaskQueue STARTS_WITH '${prefix}'` })) {
    const handle = client.workflow.getHandle(workflowId, runId);
    texts.push(plain(await handle.fetchHistory()), plain(await handle.describe()));
  }
  await connection.close();
  return texts.join('\n');
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
