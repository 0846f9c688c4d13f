import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { bundleWorkflowCode } from '@temporalio/worker';
import getPort from 'get-port';
import pg from 'pg';
import { v7 } from 'uuid';
import { migrate } from '/work/main/db/migrate.ts';
import { intake, newTicketName } from '/work/main/db/intake.ts';
import { startPostgres } from '/work/main/local/postgres.ts';
import { cacheFolder, findTemporal, startTemporal } from '/work/main/local/temporal.ts';
import { createTicketClient } from '/work/main/workflows/ticket-client.ts';
const dir = '/tmp/hfb' + process.pid;
const pgs = await startPostgres({ dataDir: dir + '/pg', port: await getPort(), logFile: dir + '/pg.log' });
const t = await startTemporal({
  binary: await findTemporal({ cacheDir: await cacheFolder(dir) }),
  port: await getPort(),
  uiPort: await getPort(),
  namespace: 'default',
  logFile: dir + '/t.log',
});
await migrate(pgs.url);
const pool = new pg.Pool({ connectionString: pgs.url, max: 40 });
await pool.query('create table bare (kind text, id text, primary key (kind, id))');
const b = await bundleWorkflowCode({ workflowsPath: '/work/main/bench/bare/workflows.ts' });
await writeFile(dir + '/bare.js', b.code);
const kid = async (file: string, args: string[], env = {}) => {
  const c = fork(file, args, { env: { ...process.env, ...env } });
  await once(c, 'message');
  return c;
};
const conn = await Connection.connect({ address: t.address });
const client = new Client({ connection: conn });
const many = async (n: number, f: (i: number) => Promise<unknown>) => {
  let i = 0;
  await Promise.all(
    Array.from({ length: 32 }, async () => {
      while (i < n) await f(i++);
    }),
  );
};
const until = async (sql: string, n: number) => {
  for (;;) {
    const { rows } = await pool.query(sql);
    if (Number(rows[0].count) >= n) return;
    await new Promise((r) => setTimeout(r, 20));
  }
};
const N = Number(process.argv[2] ?? 1000);
const env = { DATABASE_URL: pgs.url, TEMPORAL_ADDRESS: t.address, APP_SECRET: 'x'.repeat(20), LOG_LEVEL: 'warn' };
const tickets = createTicketClient(client, 'holdfast');
async function bare(wf: string, kind: string, n: number) {
  const w = await kid('/work/main/bench/bare/worker.ts', [pgs.url, t.address, dir + '/bare.js']);
  const run = async (n: number) => {
    await pool.query('truncate bare');
    const s = performance.now();
    await many(n, () => {
      const id = v7();
      return client.workflow.start(wf, { taskQueue: 'bare', workflowId: id, args: [id] });
    });
    await until(`select count(*) from bare where kind = '${kind}'`, n);
    return n / ((performance.now() - s) / 1000);
  };
  await run(100);
  const r = await run(n);
  w.disconnect();
  await once(w, 'exit');
  return r;
}
async function ours(queues: string[], sql: string, n: number) {
  const w = await kid('/work/main/bench/tmp-ours.ts', queues, env);
  const prep = async (n: number) => {
    const out = [];
    for (let i = 0; i < n; i++) {
      const name = await newTicketName(pool);
      out.push({
        name,
        cmd: await intake(pool, {
          commandId: v7(),
          requestId: 'r',
          messageId: v7(),
          channel: 'api',
          conversationId: null,
          subject: 'Invoice ' + i,
          body: 'Why was I charged twice?',
          html: null,
          from: { email: `c${i}@e.com`, name: 'G' },
          writtenAt: Date.now(),
          priority: null,
          followUpOf: null,
        }),
      });
    }
    return out;
  };
  const run = async (n: number) => {
    const cmds = await prep(n);
    const before = Number((await pool.query(sql)).rows[0].count);
    const s = performance.now();
    await many(n, (i) =>
      tickets.deliver({ ticketId: cmds[i]!.name.ticketId, number: cmds[i]!.name.number }, cmds[i]!.cmd),
    );
    await until(sql, before + n);
    return n / ((performance.now() - s) / 1000);
  };
  await run(100);
  const r = await run(n);
  w.disconnect();
  await once(w, 'exit');
  return r;
}
for (let k = 0; k < 2; k++) {
  console.log('bare record', await bare('record', 'recorded', N));
  console.log('ours record', await ours(['tickets'], 'select count(*) from tickets', N));
  console.log('bare draft', await bare('draft', 'drafted', N));
  console.log('ours draft', await ours(['tickets', 'ai'], 'select count(*) from drafts', N));
}
await pool.end();
await conn.close();
await t.stop();
await pgs.stop();
process.exit(0);
