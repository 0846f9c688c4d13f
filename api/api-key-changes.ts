/** Making and changing API keys, inside a transaction. A key that was revoked is not found any more. */
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { v7 as newId } from 'uuid';
import { ApiKey } from '../db/entities/api-key.ts';
import { User } from '../db/entities/user.ts';
import { DeskError } from '../domain/errors.ts';
import { grantedTo, type Permission, type Role } from '../domain/permissions.ts';
import { EVERYTHING, intersectionOf, type Scope } from '../domain/scope.ts';
import { API_KEY_PREFIX } from './authenticate.ts';
import { requireToHave } from './handing-out.ts';
import { isId } from './ids.ts';
import type { Principal } from './principal.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import { wrong } from './setting-checks.ts';
import { keptScope } from './shapes/scope.ts';
import { checkScopeNames } from './user-changes.ts';

export interface NewApiKey {
  name: string;
  /** Null for an integration's. */
  userId: string | null;
  permissions: readonly Permission[] | null;
  scope: Scope;
}

/** Adds a key; answers it in clear, which nobody can do again. Throws `invalid_request`, or `forbidden` for more than `by` has. */
export async function addApiKey(
  em: EntityManager,
  by: Principal,
  { name, userId, permissions, scope }: NewApiKey,
): Promise<{ id: string; apiKey: string }> {
  const user = userId === null ? null : await ownerOf(em, userId);
  const role = user?.role ?? 'integration';
  await checkRights(em, by, { role, userScope: user?.scope ?? null, permissions, scope });
  const apiKey = `${API_KEY_PREFIX}${newSecret()}`;
  const id = newId();
  const kept = keptScope(scope);
  await em.execute(
    `insert into api_keys (id, name, role, user_id, hash, hint, permissions, scope, created_by, created_at)
     values (?, ?, ?, ?, ?, ?, ?::jsonb, ?::jsonb, ?, now())`,
    [
      id,
      name,
      role,
      userId,
      hashOfSecret(apiKey),
      apiKey.slice(-4),
      permissions === null ? null : JSON.stringify(permissions),
      kept === null ? null : JSON.stringify(kept),
      by.userId,
    ],
  );
  return { id, apiKey };
}

/** The key with its user; throws `not_found`. */
export async function findApiKey(em: EntityManager, id: string): Promise<ApiKey> {
  const key = isId(id) ? await em.findOne(ApiKey, { id, revokedAt: null }, { populate: ['user'] }) : null;
  return key ?? missing(id);
}

/** The key, which nobody else changes meanwhile; throws `not_found`, or `forbidden` for one that has more rights than `by`. */
export async function apiKeyToChange(em: EntityManager, by: Principal, id: string): Promise<ApiKey> {
  if (!isId(id)) return missing(id);
  const locked = await em.findOne(ApiKey, { id, revokedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
  if (locked === null) return missing(id);
  const key = await findApiKey(em, id);
  const { user, permissions } = key;
  const scope = intersectionOf(user?.scope ?? EVERYTHING, key.scope ?? EVERYTHING);
  requireToHave(by, { role: user?.role ?? key.role, permissions, scope });
  return key;
}

export interface ApiKeyChange {
  name?: string | undefined;
  permissions?: Permission[] | null | undefined;
  scope?: Scope | undefined;
}

/** Changes what is given; answers whether the key's rights are others now. */
export async function alterApiKey(
  em: EntityManager,
  by: Principal,
  key: ApiKey,
  { name = key.name, permissions = key.permissions ?? null, scope }: ApiKeyChange,
): Promise<boolean> {
  const before = JSON.stringify([key.permissions, key.scope]);
  await checkRights(em, by, {
    role: key.user?.role ?? key.role,
    userScope: key.user?.scope ?? null,
    permissions,
    scope: scope ?? key.scope ?? EVERYTHING,
  });
  key.name = name;
  key.permissions = permissions;
  if (scope !== undefined) key.scope = keptScope(scope);
  await em.flush();
  return JSON.stringify([key.permissions, key.scope]) !== before;
}

interface KeyRights {
  role: Role;
  userScope: Scope | null;
  permissions: readonly Permission[] | null;
  scope: Scope;
}

async function checkRights(em: EntityManager, by: Principal, rights: KeyRights): Promise<void> {
  const { role, userScope, permissions, scope } = rights;
  const granted = grantedTo(role);
  for (const [index, permission] of (permissions ?? []).entries()) {
    if (granted.includes(permission)) continue;
    throw wrong(`permissions.${index}`, `is "${permission}", which the role "${role}" does not grant; leave it out`);
  }
  if (role === 'customer' && keptScope(scope) !== null) {
    throw wrong('scope', 'is not for a customer, who sees what he asked for and nothing else; leave it out');
  }
  await checkScopeNames(em, scope);
  requireToHave(by, { role, permissions, scope: intersectionOf(userScope ?? EVERYTHING, scope) });
}

/** The user, whose rights stay as they are until the transaction ends. */
async function ownerOf(em: EntityManager, id: string): Promise<User> {
  const user = await em.findOne(User, { id }, { lockMode: LockMode.PESSIMISTIC_READ });
  if (user === null) throw wrong('userId', `names the user "${id}", and there is none; give the id of one that exists`);
  if (user.disabledAt === null) return user;
  throw wrong('userId', `names "${user.email}", who is disabled; enable the user first, or name another`);
}

function missing(id: string): never {
  throw new DeskError(
    'not_found',
    `There is no API key "${id.slice(0, 60)}" that is not revoked; GET /api/v1/api-keys lists those there are.`,
  );
}
