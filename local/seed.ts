/**
 * The desk's first people: an admin with an API key, a lead and three agents, so that somebody can sign in.
 *
 * Their passwords and the key are made once and kept in the data folder, readable by its owner only; the database holds
 * hashes. Safe to run at every start: whoever is there already is left as he is.
 */
import { createHash, randomBytes } from 'node:crypto';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pg from 'pg';
import { v5 as uuidOf } from 'uuid';
import { z } from 'zod';
import { hashPassword } from '../api/passwords.ts';

const NAMESPACE = '0d9f3f0a-3f2b-5c0e-8c39-5a0f6f2f7f11';

const PEOPLE = [
  { email: 'admin@holdfast.test', name: 'Robin Admin', role: 'admin', slackUserId: null },
  { email: 'lena@holdfast.test', name: 'Lena Lead', role: 'lead', slackUserId: 'U0LENA' },
  { email: 'ada@holdfast.test', name: 'Ada Agent', role: 'agent', slackUserId: 'U0ADA' },
  { email: 'ben@holdfast.test', name: 'Ben Agent', role: 'agent', slackUserId: 'U0BEN' },
  { email: 'cho@holdfast.test', name: 'Cho Agent', role: 'agent', slackUserId: 'U0CHO' },
] as const;

const keptSchema = z.object({ passwords: z.record(z.string(), z.string()), apiKey: z.string() });

export interface Seeded {
  logins: { role: string; email: string; password: string }[];
  apiKey: string;
}

/** Makes sure that the first people and their key exist, and answers how to sign in as them. */
export async function seed(options: { databaseUrl: string; dataDir: string }): Promise<Seeded> {
  const { passwords, apiKey } = await credentials(join(options.dataDir, 'logins.json'));
  const client = new pg.Client({ connectionString: options.databaseUrl });
  await client.connect();
  try {
    const logins = [];
    for (const person of PEOPLE) {
      const password = passwords[person.email];
      if (password === undefined) throw new Error(`The kept credentials lack ${person.email}; delete logins.json.`);
      await addPerson(client, person, password);
      logins.push({ role: person.role, email: person.email, password });
    }
    await client.query(
      `insert into api_keys (id, name, role, user_id, hash, created_at) values ($1, 'first key', 'admin', $2, $3, now())
       on conflict do nothing`,
      [
        uuidOf(apiKey, NAMESPACE),
        uuidOf(PEOPLE[0].email, NAMESPACE),
        createHash('sha256').update(apiKey).digest('hex'),
      ],
    );
    return { logins, apiKey };
  } finally {
    await client.end();
  }
}

async function addPerson(client: pg.Client, person: (typeof PEOPLE)[number], password: string): Promise<void> {
  const { rowCount } = await client.query('select from users where email = $1', [person.email]);
  // Hashing is slow on purpose, so it is done for new people only.
  if (rowCount !== 0) return;
  await client.query(
    `insert into users (id, email, name, role, password_hash, slack_user_id, created_at)
     values ($1, $2, $3, $4, $5, $6, now()) on conflict do nothing`,
    [
      uuidOf(person.email, NAMESPACE),
      person.email,
      person.name,
      person.role,
      await hashPassword(password),
      person.slackUserId,
    ],
  );
}

async function credentials(file: string): Promise<z.infer<typeof keptSchema>> {
  const kept = await readFile(file, 'utf8').catch((error: unknown) => {
    // The first start; credentials that are there and cannot be read must not be replaced.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  });
  if (kept !== undefined) return keptSchema.parse(JSON.parse(kept));
  const made = {
    passwords: Object.fromEntries(PEOPLE.map(({ email }) => [email, randomBytes(12).toString('base64url')])),
    apiKey: `hf_${randomBytes(24).toString('base64url')}`,
  };
  await writeFile(`${file}.new`, JSON.stringify(made), { mode: 0o600 });
  await rename(`${file}.new`, file);
  return made;
}
