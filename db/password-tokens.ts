/**
 * Tokens with which somebody sets a password without knowing the present one. A token holds once and for 24 hours; a newer
 * one takes the place of those before it. Only hashes are kept, and nothing has the hash of an empty token.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import type { Role } from '../domain/permissions.ts';

/** Keeps the token for the user in place of all earlier ones; answers when it ends, in milliseconds since 1970. */
export async function keepPasswordToken(em: EntityManager, userId: string, hash: string): Promise<number> {
  await em.execute('delete from password_tokens where user_id = ?', [userId]);
  const [row] = await em.execute<{ expiresAt: number }[]>(
    `insert into password_tokens (hash, user_id, issued_at, expires_at) values (?, ?, now(), now() + interval '24 hours')
     returning extract(epoch from expires_at)::float8 * 1000 as "expiresAt"`,
    [hash, userId],
  );
  if (row === undefined) throw new Error('A password token was not stored.');
  return row.expiresAt;
}

const HOLDS = `
  from users u where u.id = t.user_id and u.disabled_at is null
    and t.hash = ? and t.used_at is null and t.expires_at > now()
`;

/** Whether the token would hold now, for whoever wants to spare work; only {@link usePasswordToken} decides. */
export async function passwordTokenHolds(em: EntityManager, hash: string): Promise<boolean> {
  const rows = await em.execute<object[]>(`select 1 as holds from password_tokens t where exists (select ${HOLDS})`, [
    hash,
  ]);
  return rows.length > 0;
}

interface TokenOwner {
  id: string;
  email: string;
  role: Role;
}

/** Uses the token up and answers whose it is; null for one that is unknown, used, ended, or of a disabled user. */
export async function usePasswordToken(em: EntityManager, hash: string): Promise<TokenOwner | null> {
  const [user] = await em.execute<TokenOwner[]>(
    `update password_tokens t set used_at = now() ${HOLDS} returning u.id, u.email, u.role`,
    [hash],
  );
  return user ?? null;
}
