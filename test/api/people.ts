/** People who can sign in, put into the database by SQL, for tests of what they may do. */
import { randomUUID } from 'node:crypto';
import { hashPassword } from '../../api/passwords.ts';
import type { Role } from '../../domain/permissions.ts';
import type { TestApi } from './support.ts';

export const PASSWORD = 'correct horse battery';

export interface Person {
  id: string;
  email: string;
}

/** Adds a user with {@link PASSWORD}; one of the role customer comes with the customer that he is. */
export async function addPerson({ db: { pool } }: TestApi, role: Role, email?: string): Promise<Person> {
  const id = randomUUID();
  const address = email ?? `${id}@holdfast.test`;
  const customerId = role === 'customer' ? await addCustomer(pool) : null;
  await pool.query(
    `insert into users (id, email, name, role, customer_id, password_hash, created_at)
     values ($1, $2, 'Grace', $3, $4, $5, now())`,
    [id, address, role, customerId, await hashPassword(PASSWORD)],
  );
  return { id, email: address };
}

/** Adds a customer and answers the id. */
export async function addCustomer(pool: TestApi['db']['pool']): Promise<string> {
  const id = randomUUID();
  await pool.query(`insert into customers (id, email, name, created_at) values ($1, $2, 'Kim', now())`, [
    id,
    `${id}@example.com`,
  ]);
  return id;
}

/** What a sign-in answers. */
export interface SignedIn {
  accessToken: string;
  refreshToken: string;
  expiresAt: string;
  user: { id: string; email: string; name: string; role: string };
}

/** Signs in with {@link PASSWORD} and answers what the desk does. */
export async function signIn(api: TestApi, { email }: { email: string }): Promise<SignedIn> {
  const { status, body } = await api.ask('POST', '/api/v1/auth/login', { json: { email, password: PASSWORD } });
  if (status !== 200) throw new Error(`${email} could not sign in: ${status}.`);
  return body;
}

/** The HTTP status of `GET /me` with the credential. */
export async function statusOf(api: TestApi, key: string): Promise<number> {
  return (await api.ask('GET', '/api/v1/me', { key })).status;
}

/** The HTTP statuses of answers, lowest first. */
export function statusesOf(answers: readonly { status: number }[]): number[] {
  return answers.map(({ status }) => status).sort((one, other) => one - other);
}

/** What is told on the channel `sessions` while `work` runs. */
export async function toldBy(api: TestApi, work: () => Promise<unknown>): Promise<string[]> {
  const listener = await api.db.pool.connect();
  const told: string[] = [];
  listener.on('notification', ({ payload }) => told.push(payload ?? ''));
  try {
    await listener.query('listen sessions');
    await work();
    await listener.query('select 1');
    return told;
  } finally {
    listener.release(true);
  }
}
