/**
 * What stands on the sample desk before anybody writes: calendars, policies and a rota by the API, its customers with their
 * tiers, and the agents online. Safe to run twice.
 *
 * The customers are inserted: a tier comes from whoever sells, and the API has no route for that yet.
 */
import pg from 'pg';
import { v5 as uuidOf } from 'uuid';
import { CUSTOMERS } from './customers.ts';
import { CALENDARS, POLICIES, rotaOf } from './policies.ts';
import type { Session } from './session.ts';

const NAMESPACE = '5b0c7d0e-2c0a-5d57-9f0b-6c2f1f3f0a55';

export interface SettingUp {
  /** The database's URL. */
  postgres: string;
  /** May write settings. */
  desk: Pick<Session, 'ask'>;
  agents: readonly Session[];
}

/** Sets the desk up; throws when the API refuses a setting. */
export async function setUp({ postgres, desk, agents }: SettingUp): Promise<void> {
  await addCustomers(postgres);
  for (const calendar of CALENDARS) await desk.ask('POST', '/api/v1/calendars', calendar, `sample-${calendar.id}`);
  const rota = rotaOf(agents.map(({ userId }) => userId));
  await desk.ask('POST', '/api/v1/rotas', rota, `sample-${rota.id}`);
  for (const policy of POLICIES) await desk.ask('POST', '/api/v1/sla/policies', policy, `sample-${policy.id}`);
  for (const { ask, userId } of agents) await ask('POST', `/api/v1/agents/${userId}/login`, { state: 'online' });
}

async function addCustomers(postgres: string): Promise<void> {
  const client = new pg.Client({ connectionString: postgres });
  await client.connect();
  try {
    const customers = CUSTOMERS.map(({ name, email, tier }) => ({ id: uuidOf(email, NAMESPACE), name, email, tier }));
    await client.query(
      `insert into customers (id, email, name, tier, created_at)
       select c.id, c.email, c.name, c.tier, now()
       from jsonb_to_recordset($1::jsonb) as c (id uuid, email text, name text, tier text)
       on conflict (email) do nothing`,
      [JSON.stringify(customers)],
    );
  } finally {
    await client.end();
  }
}
