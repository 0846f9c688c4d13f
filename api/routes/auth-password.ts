/** Setting a password: knowing the present one, or with a token that an admin made. Either ends every session of the user. */
import { z } from 'zod';
import { actAs } from '../../db/audit.ts';
import { User } from '../../db/entities/user.ts';
import { passwordTokenHolds, usePasswordToken } from '../../db/password-tokens.ts';
import { endSessionsOf, type EndReason } from '../../db/sessions.ts';
import { DeskError } from '../../domain/errors.ts';
import { changePeople } from '../change-people.ts';
import { hashPassword, verifyPassword } from '../passwords.ts';
import { nothing, route } from '../route.ts';
import { hashOfSecret } from '../secrets.ts';
import { wrong } from '../setting-checks.ts';
import { actingAs, signedInSchema, signIn } from '../sign-in.ts';
import { sessionOf } from './auth.ts';
import type { EntityManager } from '@mikro-orm/postgresql';

/** As the OWASP ASVS 4 has it (2.1.1): at least twelve characters, of any kind. */
const newPassword = z.string().min(12).max(1024);

export const changePasswordRoute = route({
  method: 'post',
  path: '/api/v1/auth/password',
  permission: 'signedIn',
  summary: 'Change one’s own password',
  params: nothing,
  query: nothing,
  body: z.strictObject({ currentPassword: z.string().min(1).max(1024), newPassword }),
  answer: { status: 200, description: 'Tokens of a new session; all others have ended.', schema: signedInSchema },
  errors: ['forbidden', 'too_many_requests'],
  secret: true,
  async handle({ body }, { principal, ip, requestId }, services) {
    const { userId } = sessionOf(principal);
    const user = await services.orm.em.fork().findOneOrFail(User, { id: userId });
    const attempt = await services.loginGuard.begin(user.email, ip);
    const before = user.passwordHash ?? null;
    if (!(await verifyPassword(body.currentPassword, before))) {
      throw wrong('currentPassword', 'is not your password; give the one that you signed in with');
    }
    await attempt.succeeded();
    const passwordHash = await hashPassword(body.newPassword);
    await changePeople(services, actingAs(user, requestId), async (em) => {
      const changed = await em.execute<{ id: string }[]>(
        `update users set password_hash = ?, updated_at = now() where id = ? and password_hash = ? returning id`,
        [passwordHash, userId, before],
      );
      if (changed.length === 0) {
        throw wrong('currentPassword', 'was changed by another request meanwhile; sign in again');
      }
      await endAll(em, userId, 'passwordChanged');
    });
    const answer = await signIn(services, user, passwordHash, requestId);
    if (answer === null) throw new DeskError('unauthenticated', 'You were signed out meanwhile; sign in again.');
    return { body: answer };
  },
});

export const resetPasswordRoute = route({
  method: 'post',
  path: '/api/v1/auth/password-reset',
  permission: 'public',
  summary: 'Set a password with a token of POST /users/{id}/password-reset, then sign in with it',
  params: nothing,
  query: nothing,
  body: z.strictObject({ token: z.string().min(1).max(1024), newPassword }),
  answer: {
    status: 200,
    description: 'The address to sign in with; all sessions of the user have ended.',
    schema: z.object({ email: z.string() }),
  },
  errors: ['unauthenticated'],
  secret: true,
  async handle({ body }, { ip, requestId }, services) {
    const hash = hashOfSecret(body.token);
    // Hashing a password is work, which is done for whoever has a token and for nobody else.
    if (!(await passwordTokenHolds(services.orm.em.fork(), hash))) throw badToken();
    const passwordHash = await hashPassword(body.newPassword);
    const user = await changePeople(services, { kind: 'system', id: null, requestId }, async (em) => {
      const user = await usePasswordToken(em, hash);
      if (user === null) throw badToken();
      await actAs(em, actingAs(user, requestId));
      await em.execute('update users set password_hash = ?, updated_at = now() where id = ?', [passwordHash, user.id]);
      await endAll(em, user.id, 'passwordReset');
      return user;
    });
    await services.loginGuard.forgive(user.email, ip);
    return { body: { email: user.email } };
  },
});

/** Of two tokens none is left that sets yet another password. */
async function endAll(em: EntityManager, userId: string, reason: EndReason): Promise<void> {
  await endSessionsOf(em, userId, reason);
  await em.execute('delete from password_tokens where user_id = ? and used_at is null', [userId]);
}

function badToken(): DeskError {
  return new DeskError(
    'unauthenticated',
    'The token is not known, was used before, or has ended; ask an admin for another one.',
  );
}
