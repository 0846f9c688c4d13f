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
const connection = await NativeConnection.connect({ address });
const activities = { ...createBareActivities(pool) };
const workers = await Promise.all([
  Worker.create({ connection, taskQueue: 'bare', workflowBundle: { codePath }, activities, maxCachedWorkflows: 600 }),
  Worker.create({ connection, taskQueue: 'bare-activities', activities }),
]);
const stop = () => workers.forEach((worker) => worker.getState() === 'RUNNING' && worker.shutdown());
process.once('disconnect', stop).once('SIGTERM', stop);
const running = Promise.all(workers.map((worker) => worker.run()));
process.send?.({ ready: true });
await running;
await Promise.all([connection.close(), pool.end()]);
if (process.connected) process.disconnect();
