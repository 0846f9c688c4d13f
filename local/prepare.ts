/**
 * Prepares the database of a desk whose parts are started by somebody else, such as a container engine: migrations and the
 * first people. Prints how to sign in. Safe to run at every start. Argument: the folder where the credentials are kept.
 */
import { readConfig } from '../config.ts';
import { migrate } from '../db/migrate.ts';
import { seed } from './seed.ts';

const [dataDir] = process.argv.slice(2);
if (dataDir === undefined) throw new Error('Name the folder for the credentials: node local/prepare.ts FOLDER.');
const { databaseUrl } = readConfig();
await migrate(databaseUrl);
const { logins, apiKey } = await seed({ databaseUrl, dataDir });
for (const { role, email, password } of logins) console.log(`${role.padEnd(7)} ${email}  ${password}`);
console.log(`API key ${apiKey}`);
