/** Signing in and staying signed in: a password for a session, a refresh token for the next one, and an end to it. */
import { z } from 'zod';
import { noteRefusedSignIn } from '../../db/audit.ts';
import { User } from '../../db/entities/user.ts';
import { endSession, endSessionsOf, rotateSession } from '../../db/sessions.ts';
import { DeskError } from '../../domain/errors.ts';
import { actingFor } from '../acting.ts';
import { changePeople } from '../change-people.ts';
import { verifyPassword } from '../passwords.ts';
import type { Principal } from '../principal.ts';
import { nothing, route } from '../route.ts';
import { hashOfSecret, newSecret } from '../secrets.ts';
import { signedIn, signedInSchema, signIn } from '../sign-in.ts';

const secretText = z.string().min(1).max(1024);

export const loginRoute = route({
  method: 'post',
  path: '/api/v1/auth/login',
  permission: 'public',
  summary: 'Sign in with an e-mail address and a password, which begins a new session',
  params: nothing,
  query: nothing,
  body: z.strictObject({ email: z.string().min(1).max(254), password: secretText }),
  answer: { status: 200, description: 'Tokens, and who signed in.', schema: signedInSchema },
  errors: ['unauthenticated', 'too_many_requests'],
  secret: true,
  async handle({ body }, { ip, requestId }, services) {
    const { orm, pool, loginGuard } = services;
    const email = body.email.trim().toLowerCase();
    const attempt = await loginGuard.begin(email, ip);
    // NUL is the one character that PostgreSQL takes in no text, so nobody has it in his address.
    const user = email.includes('\u0000') ? null : await orm.em.fork().findOne(User, { email });
    const hash = user?.passwordHash ?? null;
    const right = await verifyPassword(body.password, hash);
    const answer = user !== null && hash !== null && right ? await signIn(services, user, hash, requestId) : null;
    if (answer === null) {
      const reason = user === null ? 'unknown' : right ? 'disabled' : 'password';
      await noteRefusedSignIn(pool, reason, { userId: user?.id ?? null, requestId });
      throw new DeskError('unauthenticated', 'The e-mail address or the password is wrong; check both.');
    }
    await attempt.succeeded();
    return { body: answer };
  },
});

export const refreshRoute = route({
  method: 'post',
  path: '/api/v1/auth/refresh',
  permission: 'public',
  summary: 'Exchange a refresh token for the next one and a new access token',
  params: nothing,
  query: nothing,
  body: z.strictObject({ refreshToken: secretText }),
  answer: {
    status: 200,
    description:
      'The next tokens of the same session. A refresh token that comes a second time was copied, so it ends the session; of two that come at once one is the second.',
    schema: signedInSchema,
  },
  errors: ['unauthenticated'],
  secret: true,
  async handle({ body }, { requestId }, { orm, tokens, credentials, logger }) {
    const refreshToken = newSecret();
    const em = orm.em.fork();
    const rotation = await rotateSession(em, hashOfSecret(body.refreshToken), hashOfSecret(refreshToken));
    if (rotation.state === 'rotated') {
      const user = await em.findOneOrFail(User, { id: rotation.userId });
      return { body: await signedIn(tokens, user, rotation.id, refreshToken) };
    }
    if (rotation.state === 'reused') {
      credentials.forget();
      const { id: sessionId, userId } = rotation;
      logger.warn({ requestId, sessionId, userId }, 'A refresh token was used a second time; its session was ended.');
    }
    const detail = 'The refresh token is not known, was used before, or has ended; sign in again with the password.';
    throw new DeskError('unauthenticated', detail);
  },
});

export const logoutRoute = route({
  method: 'post',
  path: '/api/v1/auth/logout',
  permission: 'signedIn',
  summary: 'Sign out: end this session, or all of one’s own',
  params: nothing,
  query: nothing,
  body: z.strictObject({ everywhere: z.boolean().default(false) }),
  answer: { status: 200, description: 'How many sessions ended.', schema: z.object({ ended: z.int() }) },
  errors: ['forbidden'],
  async handle({ body }, caller, services) {
    const { userId, sessionId } = sessionOf(caller.principal);
    const ended = await changePeople(services, actingFor(caller), async (em) => {
      if (body.everywhere) return endSessionsOf(em, userId, 'signedOut');
      await endSession(em, sessionId, 'signedOut');
      return 1;
    });
    return { body: { ended } };
  },
});

/** The session that the caller is in; throws `forbidden` for an API key, which has none. */
export function sessionOf({ userId, sessionId }: Principal): { userId: string; sessionId: string } {
  if (userId !== null && sessionId !== null) return { userId, sessionId };
  const detail = 'An API key is in no session; send the access token of POST /api/v1/auth/login instead.';
  throw new DeskError('forbidden', detail);
}
