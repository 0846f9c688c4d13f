/** What the bare workflows do: insert a row, or nothing. */
import type { Pool } from 'pg';

export interface BareActivities {
  insert(kind: string, id: string): Promise<void>;
  first(): Promise<void>;
  second(): Promise<void>;
}

/** The bare activities on `pool`. */
export function createBareActivities(pool: Pool): BareActivities {
  return {
    async insert(kind, id) {
      await pool.query({
        name: 'bare-insert',
        text: 'insert into bare (kind, id) values ($1, $2) on conflict do nothing',
        values: [kind, id],
      });
    },
    first: () => Promise.resolve(),
    second: () => Promise.resolve(),
  };
}
