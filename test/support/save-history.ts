/**
 * Saves the history of a ticket's workflow, so that later versions are replayed against it:
 * `node test/support/save-history.ts 127.0.0.1:7233 ticket-… what-happened-in-it`
 */
import { writeFile } from 'node:fs/promises';
import { Client, Connection } from '@temporalio/client';
import { historyToJson } from './history.ts';

const [address, workflowId, name] = process.argv.slice(2);
if (address === undefined || workflowId === undefined || name === undefined) {
  throw new Error('Give the address of Temporal, the workflow id, and a name that says what happened.');
}
const connection = await Connection.connect({ address });
const history = await new Client({ connection }).workflow.getHandle(workflowId).fetchHistory();
await writeFile(new URL(`../histories/${name}.json`, import.meta.url), historyToJson(history));
await connection.close();
