/**
 * The desk's first people: an admin with an API key, a lead, three agents who see everything, one who sees a single team's
 * tickets, and a customer, so that somebody can sign in.
 *
 * Their passwords and the key are made once and kept in the data folder, readable by its owner only; the database holds
 * hashes. Safe to run at every start: whoever is there already is left as he is.
 */
import { createHash, randomBytes } from 'node:crypto';
import { join } from 'node:path';
import pg from 'pg';
import { v5 as uuidOf } from 'uuid';
import { z } from 'zod';
import { hashPassword } from '../api/passwords.ts';
import { readPrivateText, writePrivateJson } from './private-file.ts';

const NAMESPACE = '0d9f3f0a-3f2b-5c0e-8c39-5a0f6f2f7f11';

/** How much somebody takes on, what they are good at, and where they belong. */
interface Seat {
  /** Tickets at once. */
  capacity: number;
  senior: boolean;
  /** ISO 639-1. */
  languages: readonly string[];
  /** Skill → level, 1 to 5. */
  skills: Readonly<Record<string, number>>;
  teams: readonly string[];
}

interface Person {
  email: string;
  name: string;
  role: string;
  slackUserId: string | null;
  /** Null for a customer, who has none. */
  seat: Seat | null;
  /** The teams whose tickets are all that is seen; without them, everything. */
  scopeTeams?: readonly string[];
}

const ADMIN: Person = {
  email: 'admin@holdfast.test',
  name: 'Robin Admin',
  role: 'admin',
  slackUserId: null,
  seat: { capacity: 20, senior: false, languages: ['en'], skills: {}, teams: [] },
};

const PEOPLE: readonly Person[] = [
  ADMIN,
  {
    email: 'lena@holdfast.test',
    name: 'Lena Lead',
    role: 'lead',
    slackUserId: 'U0LENA',
    seat: {
      capacity: 10,
      senior: true,
      languages: ['en', 'de'],
      skills: { incidents: 5, security: 3, disputes: 4 },
      teams: ['technical', 'security', 'success'],
    },
  },
  {
    email: 'ada@holdfast.test',
    name: 'Ada Agent',
    role: 'agent',
    slackUserId: 'U0ADA',
    seat: {
      capacity: 60,
      senior: true,
      languages: ['en', 'de'],
      skills: { disputes: 4, diagnostics: 2, privacy: 3 },
      teams: ['billing', 'success', 'technical'],
    },
  },
  {
    email: 'ben@holdfast.test',
    name: 'Ben Agent',
    role: 'agent',
    slackUserId: 'U0BEN',
    seat: {
      capacity: 60,
      senior: false,
      languages: ['en', 'es'],
      skills: { incidents: 4, diagnostics: 4, api: 4 },
      teams: ['technical', 'fulfilment', 'success'],
    },
  },
  {
    email: 'cho@holdfast.test',
    name: 'Cho Agent',
    role: 'agent',
    slackUserId: 'U0CHO',
    seat: {
      capacity: 60,
      senior: false,
      languages: ['en', 'fr'],
      skills: { security: 4, privacy: 4 },
      teams: ['fulfilment', 'billing', 'security'],
    },
  },
  {
    email: 'dee@holdfast.test',
    name: 'Dee Agent',
    role: 'agent',
    slackUserId: 'U0DEE',
    seat: {
      capacity: 60,
      senior: false,
      languages: ['en'],
      skills: { disputes: 3 },
      teams: ['billing'],
    },
    scopeTeams: ['billing'],
  },
  { email: 'kim@example.com', name: 'Kim', role: 'customer', slackUserId: null, seat: null },
];

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
      [uuidOf(apiKey, NAMESPACE), uuidOf(ADMIN.email, NAMESPACE), createHash('sha256').update(apiKey).digest('hex')],
    );
    return { logins, apiKey };
  } finally {
    await client.end();
  }
}

async function addPerson(client: pg.Client, person: Person, password: string): Promise<void> {
  const { rowCount } = await client.query('select from users where email = $1', [person.email]);
  // Hashing is slow on purpose, so it is done for new people only.
  if (rowCount !== 0) return;
  const { email, name, role, slackUserId, seat, scopeTeams } = person;
  const hash = await hashPassword(password);
  const scope = scopeTeams && { supportTypes: null, teams: scopeTeams, organisations: null };
  // A start that is killed leaves nobody without a seat: whoever is there is not looked at again.
  await client.query('begin');
  const customerId = seat === null ? await customerOf(client, email, name) : null;
  const { rows } = await client.query<{ id: string }>(
    `insert into users (id, email, name, role, password_hash, slack_user_id, scope, customer_id, created_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, now()) on conflict do nothing returning id`,
    [uuidOf(email, NAMESPACE), email, name, role, hash, slackUserId, JSON.stringify(scope), customerId],
  );
  if (seat !== null) for (const { id } of rows) await giveSeat(client, id, seat);
  await client.query('commit');
}

/** The customer with the address, who may have written already. */
async function customerOf(client: pg.Client, email: string, name: string): Promise<string | undefined> {
  await client.query(
    'insert into customers (id, email, name, created_at) values ($1, $2, $3, now()) on conflict (email) do nothing',
    [uuidOf(`customer ${email}`, NAMESPACE), email, name],
  );
  const { rows } = await client.query<{ id: string }>('select id from customers where email = $1', [email]);
  return rows[0]?.id;
}

/** What the desk keeps of an agent beside the user; the row itself is made with the user's. */
async function giveSeat(client: pg.Client, id: string, seat: Seat): Promise<void> {
  const { capacity, senior, languages, skills, teams } = seat;
  await client.query(
    'update agents set capacity = $2, senior = $3, languages = $4::jsonb, skills = $5::jsonb where id = $1',
    [id, capacity, senior, JSON.stringify(languages), JSON.stringify(skills)],
  );
  await client.query(
    `insert into team_members (team_id, agent_id) select t.id, $1 from teams t where t.id = any($2)
     on conflict do nothing`,
    [id, teams],
  );
}

async function credentials(file: string): Promise<z.infer<typeof keptSchema>> {
  // There are none at the first start; those that are there and cannot be read must not be replaced.
  const kept = await readPrivateText(file);
  const before = kept === undefined ? undefined : keptSchema.parse(JSON.parse(kept));
  // A folder of an earlier version knows fewer people.
  if (before !== undefined && PEOPLE.every(({ email }) => email in before.passwords)) return before;
  const made = {
    passwords: {
      ...Object.fromEntries(PEOPLE.map(({ email }) => [email, randomBytes(12).toString('base64url')])),
      ...before?.passwords,
    },
    apiKey: before?.apiKey ?? `hf_${randomBytes(24).toString('base64url')}`,
  };
  writePrivateJson(file, made);
  return made;
}
