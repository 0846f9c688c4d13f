/** The bare worker as a process of its own, as the desk's workers are. Arguments: database URL, Temporal address, bundle. */
import { DefaultLogger, NativeConnection, Runtime, Worker } from '@temporalio/worker';
import pg from 'pg';
import { createBareActivities } from './activities.ts';

const [databaseUrl, address, codePath] = process.argv.slice(2);
if (databaseUrl === undefined || address === undefined || codePath === undefined) {
  throw new Error('Give the database URL, the Temporal address and the bundle.');
}
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const pool = new pg.Pool({ connectionString: databaseUrl, max: 20 });
const worker = await Worker.create({
  connection: await NativeConnection.connect({ address }),
  taskQueue: 'bare',
  workflowBundle: { codePath },
  activities: { ...createBareActivities(pool) },
  maxCachedWorkflows: 600,
});
process.once('disconnect', () => worker.shutdown());
const running = worker.run();
process.send?.({ ready: true });
await running;
await pool.end();
