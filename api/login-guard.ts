/**
 * Slows down guessing of passwords: after five failures for an e-mail address from one network address (of IPv6, its /64), each further
 * failure doubles the wait. Counted in PostgreSQL, so that all API processes count together and a restart forgets nothing.
 *
 * Kept is a hash of the two addresses, for a day after the last failure. Does not stop one who guesses from very many
 * network addresses, and does not count refresh or password tokens: 256 random bits are not guessed, and
 * the rate limit of the address bounds who tries.
 */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import { DeskError } from '../domain/errors.ts';
import { allowanceOf } from './client-address.ts';

const FREE_FAILURES = 5;
const FIRST_WAIT_SECONDS = 30;
const LONGEST_WAIT_SECONDS = 15 * 60;
const KEPT = `interval '1 day'`;

export interface LoginGuard {
  /** Counts an attempt as failed until it succeeds; throws `too_many_requests` while the wait lasts. */
  begin(email: string, ip: string): Promise<{ succeeded(): Promise<void> }>;
  /** Forgets the failures for the address from there. */
  forgive(email: string, ip: string): Promise<void>;
}

/** Counted before the password is looked at, so that guesses sent at once are counted too; none while the wait lasts. */
const COUNT = `
  insert into login_failures as f (key_hash, failures, blocked_until, updated_at)
  values ($1, 1, '-infinity', clock_timestamp())
  on conflict (key_hash) do update set
    failures = case when f.updated_at < clock_timestamp() - ${KEPT} then 1 else f.failures + 1 end,
    blocked_until = case
      when f.updated_at < clock_timestamp() - ${KEPT} or f.failures + 1 < ${FREE_FAILURES} then '-infinity'
      else clock_timestamp() + least(
        ${FIRST_WAIT_SECONDS} * 2 ^ least(f.failures + 1 - ${FREE_FAILURES}, 10), ${LONGEST_WAIT_SECONDS}
      ) * interval '1 second'
    end,
    updated_at = clock_timestamp()
  where f.blocked_until <= clock_timestamp()
`;
const LEFT = `
  select ceil(extract(epoch from blocked_until - clock_timestamp()))::float8 as left from login_failures
  where key_hash = $1 and blocked_until > clock_timestamp()
`;
const FORGIVE = 'delete from login_failures where key_hash = $1';
/** Made-up addresses must not fill the table: each attempt takes up to twenty old rows away. */
const FORGET = `
  delete from login_failures where key_hash in (
    select key_hash from login_failures where updated_at < now() - ${KEPT} order by updated_at limit 20
    for update skip locked
  )
`;

/** A guard by the clock of the database behind `pool`. */
export function createLoginGuard(pool: Pool): LoginGuard {
  const forgive = async (key: string) => {
    await pool.query({ name: 'login-forgive', text: FORGIVE, values: [key] });
  };
  return {
    async begin(email, ip) {
      const key = keyOf(email, ip);
      const { rowCount } = await pool.query({ name: 'login-count', text: COUNT, values: [key] });
      if (rowCount === 0) throw refusal(await secondsLeft(pool, key));
      await pool.query({ name: 'login-forget', text: FORGET });
      return { succeeded: () => forgive(key) };
    },
    forgive: (email, ip) => forgive(keyOf(email, ip)),
  };
}

function keyOf(email: string, ip: string): string {
  return createHash('sha256')
    .update(JSON.stringify([email, allowanceOf(ip)]))
    .digest('hex');
}

/** At least one: a wait that ended since it was met is as good as over. */
async function secondsLeft(pool: Pool, key: string): Promise<number> {
  const { rows } = await pool.query<{ left: number }>({ name: 'login-left', text: LEFT, values: [key] });
  return Math.max(1, rows[0]?.left ?? 1);
}

function refusal(retryAfterSeconds: number): DeskError {
  const detail = `Too many attempts to sign in as this user from here; try again in ${retryAfterSeconds} seconds.`;
  return new DeskError('too_many_requests', detail, { facts: { retryAfterSeconds } });
}
