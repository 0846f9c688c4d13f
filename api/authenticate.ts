/**
 * From a bearer credential to a principal. API keys are known by their SHA-256 alone; whether a token's session lasts, and
 * what role, scope and state its user has, is read from their rows.
 *
 * Answers are remembered for two seconds, and forgotten at once by the process in which people, sessions or keys are
 * changed: in another process what was taken away still works for that long, and no longer.
 */
import type { Pool, QueryConfig } from 'pg';
import type { Logger } from 'pino';
import { z } from 'zod';
import { noteSeen } from '../db/agents.ts';
import { PERMISSIONS, ROLES } from '../domain/permissions.ts';
import { EVERYTHING, intersectionOf, isEverything } from '../domain/scope.ts';
import { isId } from './ids.ts';
import { kindOf, type Principal } from './principal.ts';
import { hashOfSecret } from './secrets.ts';
import type { Tokens } from './tokens.ts';

/** The principal behind a credential; null when it is not, or no longer, valid. */
export type Authenticate = (credential: string) => Promise<Principal | null>;

export interface Credentials {
  authenticate: Authenticate;
  /** Who `principal` is by his rows, past what is remembered; null when he is nobody any more. He does not count as there. */
  recall(principal: Principal): Promise<Principal | null>;
  /** To be called when sessions, keys, or the rights of users have been changed and the change is committed. */
  forget(): void;
}

export const API_KEY_PREFIX = 'hf_';
const REMEMBERED_MS = 2_000;
const REMEMBERED = 1_000;
const USE_NOTED_EVERY_MS = 60_000;

const ids = z.array(z.string()).nullable();
const scopeSchema = z.object({ supportTypes: ids, teams: ids, organisations: ids });

const rowSchema = z.object({
  keyId: z.string().nullable(),
  sessionId: z.string().nullable(),
  userId: z.string().nullable(),
  customerId: z.string().nullable(),
  name: z.string(),
  role: z.enum(ROLES),
  permissions: z.array(z.enum(PERMISSIONS)).nullable(),
  scope: scopeSchema.nullable(),
  keyScope: scopeSchema.nullable(),
});

const KEY = `
  select k.id as "keyId", null as "sessionId", k.user_id as "userId", u.customer_id as "customerId",
         coalesce(u.name, k.name) as name, coalesce(u.role, k.role) as role, k.permissions, u.scope, k.scope as "keyScope"
  from api_keys k left join users u on u.id = k.user_id
  where k.revoked_at is null and u.disabled_at is null
`;
const SESSION = `
  select null as "keyId", s.id as "sessionId", u.id as "userId", u.customer_id as "customerId",
         u.name, u.role, null as permissions, u.scope, null as "keyScope"
  from sessions s join users u on u.id = s.user_id
  where s.id = $1 and u.id = $2 and s.ended_at is null and s.expires_at > now() and u.disabled_at is null
`;
const NOTE_USE = `
  update api_keys set last_used_at = now()
  where id = $1 and (last_used_at is null or last_used_at < now() - interval '1 minute')
`;

/** Knows credentials by the database behind `pool`; `now` is in milliseconds since 1970. */
export function createCredentials(pool: Pool, tokens: Tokens, logger: Logger, now: () => number): Credentials {
  const remembered = new Map<string, { principal: Principal; until: number }>();
  const usedAt = new Map<string, number>();
  const seenAt = new Map<string, number>();
  let forgotten = 0;

  return {
    async authenticate(credential) {
      const hash = hashOfSecret(credential);
      const known = remembered.get(hash);
      if (known !== undefined && known.until > now()) return known.principal;
      remembered.delete(hash);
      const before = forgotten;
      const principal = credential.startsWith(API_KEY_PREFIX) ? await byKey(hash) : await byToken(credential);
      if (principal === null) return null;
      if (principal.userId !== null) note(principal.userId);
      // What was read before a change is true of the time before it only.
      if (before !== forgotten) return principal;
      if (remembered.size >= REMEMBERED) remembered.clear();
      remembered.set(hash, { principal, until: Math.min(now() + REMEMBERED_MS, principal.expiresAt ?? Infinity) });
      return principal;
    },
    recall: ({ keyId, sessionId, userId, expiresAt }) =>
      keyId === null
        ? one({ name: 'token-session', text: SESSION, values: [sessionId, userId] }, expiresAt)
        : one({ name: 'api-key-by-id', text: `${KEY} and k.id = $1`, values: [keyId] }, null),
    forget() {
      forgotten += 1;
      remembered.clear();
    },
  };

  async function one(query: QueryConfig, expiresAt: number | null): Promise<Principal | null> {
    const { rows } = await pool.query(query);
    return rows[0] === undefined ? null : principalOf(rows[0], expiresAt);
  }

  async function byKey(hash: string): Promise<Principal | null> {
    const { rows } = await pool.query({ name: 'api-key', text: `${KEY} and k.hash = $1`, values: [hash] });
    if (rows[0] === undefined) return null;
    const principal = principalOf(rows[0], null);
    if (principal.keyId !== null) noteUse(principal.keyId);
    return principal;
  }

  async function byToken(token: string): Promise<Principal | null> {
    const bearer = await tokens.read(token);
    if (bearer === null || !isId(bearer.userId) || !isId(bearer.sessionId)) return null;
    const { userId, sessionId, expiresAt } = bearer;
    const { rows } = await pool.query({ name: 'token-session', text: SESSION, values: [sessionId, userId] });
    return rows[0] === undefined ? null : principalOf(rows[0], expiresAt);
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

function principalOf(row: unknown, expiresAt: number | null): Principal {
  const { scope, keyScope, ...rest } = rowSchema.parse(row);
  const id = rest.userId ?? rest.keyId;
  if (id === null) throw new Error('A credential is neither of a user nor of a key.');
  return {
    ...rest,
    kind: kindOf(rest.role),
    id,
    holderId: isEverything(keyScope ?? EVERYTHING) ? rest.userId : null,
    scope: intersectionOf(scope ?? EVERYTHING, keyScope ?? EVERYTHING),
    expiresAt,
  };
}
