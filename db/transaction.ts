/** Statements that hold together or not at all, on one connection of the pool. */
import type { Pool, PoolClient } from 'pg';

/**
 * Runs `work` in a transaction, begun with `mode`, and answers what it answers; what it throws undoes everything.
 *
 * @example await inTransaction(pool, (client) => client.query('…'), 'isolation level repeatable read read only')
 */
export async function inTransaction<Result>(
  pool: Pool,
  work: (client: PoolClient) => Promise<Result>,
  mode = '',
): Promise<Result> {
  const client = await pool.connect();
  let broken = true;
  try {
    await client.query(`begin ${mode}`);
    const result = await work(client);
    await client.query('commit');
    broken = false;
    return result;
  } finally {
    // A connection that failed in the middle of a transaction is not given back: closing it rolls back.
    client.release(broken);
  }
}

/** A statement that may take `ms` milliseconds, where its connection lets the others take less. */
export function patient(text: string, values: unknown[], ms: number) {
  return { text, values, query_timeout: ms };
}
