/** Signing in, and who one is. */
import { z } from 'zod';
import { User } from '../../db/entities/user.ts';
import { DeskError } from '../../domain/errors.ts';
import { ROLES } from '../../domain/permissions.ts';
import { verifyPassword } from '../passwords.ts';
import { nothing, route } from '../route.ts';
import { instant, instantSchema } from '../shapes/instant.ts';

const userSchema = z
  .object({ id: z.uuid(), email: z.string(), name: z.string(), role: z.enum(ROLES) })
  .meta({ id: 'User' });

export const loginRoute = route({
  method: 'post',
  path: '/api/v1/auth/login',
  permission: 'public',
  summary: 'Sign in with an e-mail address and a password; the token holds for eight hours',
  params: nothing,
  query: nothing,
  body: z.strictObject({ email: z.string().min(1).max(254), password: z.string().min(1).max(1024) }),
  answer: {
    status: 200,
    description: 'An access token for the Authorization header.',
    schema: z.object({ accessToken: z.string(), expiresAt: instantSchema, user: userSchema }),
  },
  errors: ['unauthenticated', 'too_many_requests'],
  async handle({ body }, { ip }, { orm, tokens, loginGuard }) {
    const email = body.email.trim().toLowerCase();
    const attempt = loginGuard.begin(email, ip);
    // NUL is the one character that PostgreSQL takes in no text, so nobody has it in his address.
    const user = email.includes('\u0000') ? null : await orm.em.fork().findOne(User, { email });
    const right = await verifyPassword(body.password, user?.passwordHash ?? null);
    if (user === null || !right) {
      throw new DeskError('unauthenticated', 'The e-mail address or the password is wrong; check both.');
    }
    attempt.succeeded();
    const { token, expiresAt } = await tokens.issue(user.id);
    const { id, name, role } = user;
    return { body: { accessToken: token, expiresAt: instant(expiresAt), user: { id, email, name, role } } };
  },
});

export const meRoute = route({
  method: 'get',
  path: '/api/v1/me',
  permission: 'signedIn',
  summary: 'Who asks',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The principal behind the credential; email is null for a key that belongs to no user.',
    schema: z.object({
      id: z.uuid(),
      kind: z.enum(['agent', 'bot', 'customer', 'integration']),
      name: z.string(),
      email: z.string().nullable(),
      role: z.enum(ROLES),
    }),
  },
  errors: [],
  async handle(_input, { principal }, { orm }) {
    const { id, kind, name, role, userId } = principal;
    const user = userId === null ? null : await orm.em.fork().findOne(User, { id: userId });
    return { body: { id, kind, name, email: user?.email ?? null, role } };
  },
});
