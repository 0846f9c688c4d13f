/**
 * Sessions and their refresh tokens. A session begins with a password and lasts for 30 days from its last refresh; ended
 * ones are forgotten 30 days later, at the user's next sign-in.
 *
 * A refresh token holds once. One that comes a second time was copied, and nobody can tell which of the two is the thief,
 * so the session ends, also when two processes of the rightful owner were only too eager. Does not promise to find a token
 * again that was used more than 30 days ago: it is refused like any other, and ends nothing.
 */
import type { EntityManager } from '@mikro-orm/postgresql';

/** The channel on which is told whose live connections are over: the id of a session, of a user, or of an API key. */
export const SESSIONS_CHANNEL = 'sessions';

export type EndReason =
  | 'signedOut'
  | 'tokenReused'
  | 'passwordChanged'
  | 'passwordReset'
  | 'rightsChanged'
  | 'endedByAdmin';

const DAYS = 30;

/** The user's row is locked against a change of rights or password, so that no session begins behind its back. */
const START = `
  with owner as (
    select id from users where id = ? and password_hash = ? and disabled_at is null for share
  ), begun as (
    insert into sessions (id, user_id, created_at, last_used_at, expires_at)
    select ?, id, now(), now(), now() + interval '${DAYS} days' from owner
    returning id
  )
  insert into refresh_tokens (hash, session_id, issued_at) select ?, id, now() from begun
  returning session_id as id
`;
const FORGET = `
  delete from sessions
  where user_id = ? and least(ended_at, expires_at) < now() - interval '${DAYS} days'
`;

export interface NewSession {
  id: string;
  userId: string;
  /** The password hash that was checked: nothing begins for one that has changed since. */
  passwordHash: string;
  refreshHash: string;
}

/** Begins a session; answers false when the user was disabled, or has another password, since they were checked. */
export async function startSession(em: EntityManager, session: NewSession): Promise<boolean> {
  const { id, userId, passwordHash, refreshHash } = session;
  await em.execute(FORGET, [userId]);
  const begun = await em.execute<{ id: string }[]>(START, [userId, passwordHash, id, refreshHash]);
  return begun.length > 0;
}

/** Of two that come at once, the second waits for the row, finds the token used, and gets nothing. */
const ROTATE = `
  with used as (
    update refresh_tokens r set used_at = now()
    from sessions s join users u on u.id = s.user_id
    where r.hash = ? and r.used_at is null and s.id = r.session_id
      and s.ended_at is null and s.expires_at > now() and u.disabled_at is null
    returning s.id, s.user_id
  ), lengthened as (
    update sessions s set last_used_at = now(), expires_at = now() + interval '${DAYS} days'
    from used where s.id = used.id
  ), next as (
    insert into refresh_tokens (hash, session_id, issued_at) select ?, id, now() from used
  ), forgotten as (
    delete from refresh_tokens r using used
    where r.session_id = used.id and r.used_at < now() - interval '${DAYS} days'
  )
  select id, user_id as "userId" from used
`;
const END_REUSED = `
  update sessions s set ended_at = now(), end_reason = ?
  from refresh_tokens r
  where r.hash = ? and r.used_at is not null and s.id = r.session_id and s.ended_at is null
  returning s.id, s.user_id as "userId", pg_notify('${SESSIONS_CHANNEL}', s.id::text)
`;

/** What became of a refresh token: exchanged for the next one, used a second time so that its session ended, or nothing. */
export type Rotation = { state: 'rotated' | 'reused'; id: string; userId: string } | { state: 'refused' };

/** Uses the refresh token up and puts the next one in its place, in one statement. */
export async function rotateSession(em: EntityManager, hash: string, nextHash: string): Promise<Rotation> {
  const [rotated] = await em.execute<{ id: string; userId: string }[]>(ROTATE, [hash, nextHash]);
  if (rotated !== undefined) return { state: 'rotated', ...rotated };
  const reason: EndReason = 'tokenReused';
  const [ended] = await em.execute<{ id: string; userId: string }[]>(END_REUSED, [reason, hash]);
  return ended === undefined ? { state: 'refused' } : { state: 'reused', id: ended.id, userId: ended.userId };
}

/** Ends one session of the user; nothing where it has ended already. */
export async function endSession(em: EntityManager, id: string, reason: EndReason): Promise<void> {
  await em.execute(
    `update sessions set ended_at = now(), end_reason = ? where id = ? and ended_at is null
     returning pg_notify('${SESSIONS_CHANNEL}', id::text)`,
    [reason, id],
  );
}

/** Ends every session of the user; answers how many there were. */
export async function endSessionsOf(em: EntityManager, userId: string, reason: EndReason): Promise<number> {
  const ended = await em.execute<object[]>(
    `update sessions set ended_at = now(), end_reason = ? where user_id = ? and ended_at is null
     returning pg_notify('${SESSIONS_CHANNEL}', id::text)`,
    [reason, userId],
  );
  return ended.length;
}

/** Tells that the rights of the user or key `id` are others now, or none. */
export async function tellRightsChanged(em: EntityManager, id: string): Promise<void> {
  await em.execute(`select pg_notify('${SESSIONS_CHANNEL}', ?)`, [id]);
}
