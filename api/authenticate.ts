/**
 * From a bearer credential to a principal. API keys are known by their SHA-256 alone; the role of a token's user is read
 * from his row. Answers are remembered for two seconds, so a revoked key works that long at most.
 */
import { createHash } from 'node:crypto';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import { noteSeen } from '../db/agents.ts';
import { PERMISSIONS, ROLES } from '../domain/permissions.ts';
import { EVERYTHING } from '../domain/scope.ts';
import { isId } from './ids.ts';
import { kindOf, type Principal } from './principal.ts';
import type { Tokens } from './tokens.ts';

/** The principal behind a credential; null when it is not, or no longer, valid. */
export type Authenticate = (credential: string) => Promise<Principal | null>;

export const API_KEY_PREFIX = 'hf_';
const REMEMBERED_MS = 2_000;
const REMEMBERED = 1_000;
const USE_NOTED_EVERY_MS = 60_000;

const ids = z.array(z.string()).nullable();
const scopeSchema = z.object({ supportTypes: ids, teams: ids, organisations: ids });

const rowSchema = z.object({
  id: z.string(),
  userId: z.string().nullable(),
  customerId: z.string().nullable(),
  name: z.string(),
  role: z.enum(ROLES),
  permissions: z.array(z.enum(PERMISSIONS)).nullable(),
  scope: scopeSchema.nullable(),
});

const KEY = `
  select k.id, k.user_id as "userId", u.customer_id as "customerId", coalesce(u.name, k.name) as name, k.role,
         k.permissions, coalesce(k.scope, u.scope) as scope
  from api_keys k left join users u on u.id = k.user_id
  where k.hash = $1 and k.revoked_at is null and u.disabled_at is null
`;
const USER = `
  select u.id, u.id as "userId", u.customer_id as "customerId", u.name, u.role, null as permissions, u.scope
  from users u where u.id = $1 and u.disabled_at is null
`;
const NOTE_USE = `
  update api_keys set last_used_at = now()
  where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')
`;

/** What is kept of an API key: SHA-256, in hex. */
export function hashApiKey(key: string): string {
  return createHash('sha256').update(key).digest('hex');
}

/** Authenticates against the database behind `pool`; `now` is in milliseconds since 1970. */
export function createAuthenticate(pool: Pool, tokens: Tokens, logger: Logger, now: () => number): Authenticate {
  const remembered = new Map<string, { principal: Principal; until: number }>();
  const usedAt = new Map<string, number>();
  const seenAt = new Map<string, number>();

  return async (credential) => {
    const hash = hashApiKey(credential);
    const known = remembered.get(hash);
    if (known !== undefined && known.until > now()) return known.principal;
    remembered.delete(hash);
    const principal = credential.startsWith(API_KEY_PREFIX) ? await byKey(hash) : await byToken(credential);
    if (principal === null) return null;
    if (principal.userId !== null) note(principal.userId);
    if (remembered.size >= REMEMBERED) remembered.clear();
    remembered.set(hash, { principal, until: now() + REMEMBERED_MS });
    return principal;
  };

  async function byKey(hash: string): Promise<Principal | null> {
    const { rows } = await pool.query<{ id: string }>({ name: 'api-key', text: KEY, values: [hash] });
    const [row] = rows;
    if (row === undefined) return null;
    noteUse(row.id);
    return principalOf(row);
  }

  async function byToken(token: string): Promise<Principal | null> {
    const userId = await tokens.read(token);
    if (userId === null || !isId(userId)) return null;
    const { rows } = await pool.query({ name: 'token-user', text: USER, values: [userId] });
    return rows[0] === undefined ? null : principalOf(rows[0]);
  }

  /** Beside the request: nobody waits for it, and a failure is only logged. */
  function noteUse(keyId: string): void {
    if ((usedAt.get(keyId) ?? 0) > now() - USE_NOTED_EVERY_MS) return;
    usedAt.set(keyId, now());
    pool.query({ name: 'api-key-used', text: NOTE_USE, values: [keyId] }).catch((error: unknown) => {
      logger.warn({ err: error, keyId }, 'The last use of an API key could not be noted.');
    });
  }

  /** An agent who calls is there; likewise beside the request. */
  function note(userId: string): void {
    if ((seenAt.get(userId) ?? 0) > now() - USE_NOTED_EVERY_MS) return;
    seenAt.set(userId, now());
    noteSeen(pool, userId).catch((error: unknown) => {
      logger.warn({ err: error, userId }, 'It could not be noted that an agent was there.');
    });
  }
}

function principalOf(row: unknown): Principal {
  const { id, userId, scope, ...rest } = rowSchema.parse(row);
  return { kind: kindOf(rest.role), id: userId ?? id, userId, sessionId: null, scope: scope ?? EVERYTHING, ...rest };
}
