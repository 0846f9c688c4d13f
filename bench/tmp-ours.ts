import { NativeConnection, Runtime, DefaultLogger } from '@temporalio/worker';
import { pino } from 'pino';
import { openDatabase } from '../db/orm.ts';
import { bundleWorkflows } from '../workers/bundle.ts';
import { createWorker } from '../workers/worker.ts';
import { ensureSearchAttributes } from '../workers/search-attributes.ts';
import { Connection } from '@temporalio/client';
Runtime.install({ shutdownSignals: [], logger: new DefaultLogger('ERROR') });
const logger = pino({ level: 'warn' });
const db = await openDatabase(process.env['DATABASE_URL']!);
const connection = await NativeConnection.connect({ address: process.env['TEMPORAL_ADDRESS']! });
const c = await Connection.connect({ address: process.env['TEMPORAL_ADDRESS']! });
await ensureSearchAttributes(c, 'default');
const bundle = await bundleWorkflows(logger);
const ws = await Promise.all(
  process.argv.slice(2).map((q) =>
    createWorker(q as 'tickets', {
      connection,
      namespace: 'default',
      prefix: 'holdfast',
      db,
      logger,
      bundle,
      model: undefined,
      front: null,
      slack: null,
    }),
  ),
);
process.once('disconnect', () => ws.forEach((w) => w.shutdown()));
const r = Promise.all(ws.map((w) => w.run()));
process.send?.({ ready: true });
await r;
await db.close();
process.exit(0);
