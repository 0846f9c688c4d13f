/**
 * Making, finding and changing users, inside a transaction of `changePeople`.
 *
 * Changes of users are made one after another, so that there is an admin left after each. Whoever gets other rights is
 * signed out everywhere. A customer stays a customer and nobody becomes one: who works at the desk is another user.
 */
import { type EntityManager, LockMode } from '@mikro-orm/postgresql';
import { v7 as newId } from 'uuid';
import { DISPATCH_CHANNEL } from '../db/agents.ts';
import { User } from '../db/entities/user.ts';
import { endSessionsOf, tellRightsChanged } from '../db/sessions.ts';
import { DeskError } from '../domain/errors.ts';
import type { Role } from '../domain/permissions.ts';
import { EVERYTHING, isWithin, type Scope } from '../domain/scope.ts';
import { requireToHave } from './handing-out.ts';
import { isId } from './ids.ts';
import type { Principal } from './principal.ts';
import { checkNamed, type Named, wrong } from './setting-checks.ts';
import { keptScope } from './shapes/scope.ts';
import type { UserChange } from './shapes/user.ts';

/** Names the lock under which users are changed. */
const USERS_LOCK = 4_600_002;

export interface NewUser {
  email: string;
  name: string;
  role: Role;
  scope: Scope;
  /** The customer who signs in; null for whoever works at the desk. */
  customerId: string | null;
}

/** Adds a user who has no password yet, and answers the id; throws `invalid_request`, or `forbidden` for more than `by` has. */
export async function addUser(em: EntityManager, by: Principal, given: NewUser): Promise<string> {
  const { email, name, role, scope, customerId } = given;
  requireToHave(by, given);
  await lockUsers(em);
  await checkScope(em, role, scope);
  await checkCustomer(em, role, customerId);
  const kept = keptScope(scope);
  const added = await em.execute<{ id: string }[]>(
    `insert into users (id, email, name, role, scope, customer_id, created_at)
     values (?, ?, ?, ?, ?::jsonb, ?, now()) on conflict do nothing returning id`,
    [newId(), email, name, role, kept === null ? null : JSON.stringify(kept), customerId],
  );
  if (added[0] !== undefined) return added[0].id;
  throw (await em.count(User, { email })) > 0
    ? taken(email)
    : wrong('customerId', `is "${customerId}", who has a user already; change that one`);
}

/** The user, to be read; throws `not_found`. */
export async function findUser(em: EntityManager, id: string): Promise<User> {
  const user = isId(id) ? await em.findOne(User, { id }) : null;
  return user ?? missing(id);
}

/** The user, whom nobody else changes meanwhile; throws `not_found`, or `forbidden` for one who has more rights than `by`. */
export async function userToChange(em: EntityManager, by: Principal, id: string): Promise<User> {
  await lockUsers(em);
  const user = isId(id) ? await em.findOne(User, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE }) : null;
  if (user === null) return missing(id);
  requireToHave(by, user);
  return user;
}

/** Changes what is given; `at` is the time of the change. Throws `invalid_request`, `forbidden` or `last_admin`. */
export async function alterUser(
  em: EntityManager,
  by: Principal,
  user: User,
  { email = user.email, name = user.name, role = user.role, scope: given, disabled }: UserChange,
  at: number,
): Promise<void> {
  const scope = given ?? user.scope ?? EVERYTHING;
  requireToHave(by, { role, scope });
  if ((role === 'customer') !== (user.role === 'customer')) {
    throw wrong('role', 'cannot be changed to or from customer; make another user');
  }
  if (given !== undefined) await checkScope(em, role, scope);
  const isTaken = email !== user.email && (await em.count(User, { email })) > 0;
  if (isTaken) throw taken(email);
  const off = disabled ?? user.disabledAt !== null;
  if (user.role === 'admin' && user.disabledAt === null && (role !== 'admin' || off)) await checkAnotherAdmin(em, user);

  const changed = role !== user.role || off !== (user.disabledAt !== null) || !isSame(scope, user.scope ?? EVERYTHING);
  // Two changes within a millisecond are still two versions.
  const updatedAt = new Date(Math.max(at, user.updatedAt.getTime() + 1));
  Object.assign(user, { email, name, role, updatedAt });
  if (given !== undefined) user.scope = keptScope(given);
  if (off !== (user.disabledAt !== null)) user.disabledAt = off ? updatedAt : null;
  await em.flush();
  if (!changed) return;
  await endSessionsOf(em, user.id, 'rightsChanged');
  await tellRightsChanged(em, user.id);
  if (off) await sendHome(em, user.id);
}

/** Revokes every key of the user. */
export async function revokeKeysOf(em: EntityManager, userId: string): Promise<void> {
  const revoked = await em.execute<{ id: string }[]>(
    'update api_keys set revoked_at = now() where user_id = ? and revoked_at is null returning id',
    [userId],
  );
  for (const { id } of revoked) await tellRightsChanged(em, id);
}

/** Nor does a setting go that a scope may name. */
async function lockUsers(em: EntityManager): Promise<void> {
  await em.execute('select from settings_version for share');
  await em.execute('select pg_advisory_xact_lock(?)', [USERS_LOCK]);
}

/** No token is left that would set a password, and no ticket is handed out any more. */
async function sendHome(em: EntityManager, userId: string): Promise<void> {
  await em.execute('delete from password_tokens where user_id = ?', [userId]);
  await em.execute(
    `update agents set availability = 'offline', updated_at = now() where id = ?
     returning pg_notify('${DISPATCH_CHANNEL}', '')`,
    [userId],
  );
}

/** Throws `invalid_request` unless what the scope names exists, which it does until the transaction ends. */
async function checkScope(em: EntityManager, role: Role, scope: Scope): Promise<void> {
  if (role === 'customer' && keptScope(scope) !== null) {
    throw wrong('scope', 'is not for a customer, who sees what he asked for and nothing else; leave it out');
  }
  await checkScopeNames(em, scope);
}

/** Throws `invalid_request` unless what the scope names exists, which it does until the transaction ends. */
export async function checkScopeNames(em: EntityManager, scope: Scope): Promise<void> {
  await em.execute('select from settings_version for share');
  const named = (part: keyof Scope, noun: Named['noun']): Named[] =>
    (scope[part] ?? []).map((id, index) => ({ path: `scope.${part}.${index}`, noun, id }));
  await checkNamed(em, [
    ...named('supportTypes', 'support type'),
    ...named('teams', 'team'),
    ...named('organisations', 'organisation'),
  ]);
}

async function checkCustomer(em: EntityManager, role: Role, customerId: string | null): Promise<void> {
  if (role !== 'customer') {
    if (customerId !== null)
      throw wrong('customerId', `is for the role customer only, and this is "${role}"; leave it out`);
    return;
  }
  if (customerId === null) throw wrong('customerId', 'must be given: it names the customer who signs in as this user');
  const known = await em.execute<object[]>('select id from customers where id = ? and erased_at is null for share', [
    customerId,
  ]);
  if (known.length > 0) return;
  throw wrong('customerId', `names the customer "${customerId}", and there is none; give the id of one that exists`);
}

async function checkAnotherAdmin(em: EntityManager, user: User): Promise<void> {
  const others = await em.count(User, { role: 'admin', disabledAt: null, id: { $ne: user.id } });
  if (others > 0) return;
  const detail = `"${user.email}" is the only admin who is not disabled; make another user an admin first.`;
  throw new DeskError('last_admin', detail);
}

function isSame(one: Scope, other: Scope): boolean {
  return isWithin(one, other) && isWithin(other, one);
}

function taken(email: string): DeskError {
  return wrong('email', `is "${email}", which another user has; give another address`);
}

function missing(id: string): never {
  throw new DeskError('not_found', `There is no user "${id.slice(0, 60)}"; GET /api/v1/users lists those there are.`);
}
