/** Whether a desk's rows are as they were: for tests of requests that must change nothing. */
import type { Pool } from 'pg';

/** What says only that somebody asked, or was refused. */
const OF_ASKING = {
  tables: ['audit_unsealed', 'idempotency_keys', 'login_failures', 'sign_in_refusals', 'webhook_refusals'],
  columns: ['last_used_at', 'last_seen_at'],
};

/** A digest of the rows of every table, by its name: two that are equal are of the same rows. */
export async function digestOf(pool: Pool): Promise<Record<string, string>> {
  const { rows: tables } = await pool.query<{ name: string }>(
    `select table_name as name from information_schema.tables
     where table_schema = 'public' and table_type = 'BASE TABLE' and table_name <> all ($1::text[]) order by 1`,
    [OF_ASKING.tables],
  );
  const digests: Record<string, string> = {};
  for (const { name } of tables) {
    const { rows } = await pool.query<{ digest: string }>(
      `select coalesce(md5(string_agg(line, '|' order by line)), 'empty') as digest
       from (select (to_jsonb(t) - $1::text[])::text as line from "${name}" t) lines`,
      [OF_ASKING.columns],
    );
    digests[name] = rows[0]?.digest ?? 'empty';
  }
  return digests;
}
