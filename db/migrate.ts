/** Brings a database to the shape that this version expects. Safe to run at every start, and by several at once. */
import { Migrator } from '@mikro-orm/migrations';
import { MikroORM } from '@mikro-orm/postgresql';
import { MIGRATIONS } from './migrations/index.ts';

/** Names the lock that keeps two processes from migrating at the same time. */
const MIGRATION_LOCK = 4_600_001;

/** Runs the migrations that the database at `url` still lacks; throws when it does not answer or one fails. */
export async function migrate(url: string): Promise<void> {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [],
    discovery: { warnWhenNoEntities: false },
    extensions: [Migrator],
    migrations: { migrationsList: MIGRATIONS, snapshot: false },
    logger: () => undefined,
  });
  const pool = await orm.em.getConnection().getNativeClient();
  const lock = await pool.connect();
  try {
    await lock.query('select pg_advisory_lock($1)', [MIGRATION_LOCK]);
    await orm.migrator.up();
    await lock.query('select pg_advisory_unlock($1)', [MIGRATION_LOCK]);
  } finally {
    lock.release(true);
    await orm.close(true);
  }
}
