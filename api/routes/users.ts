/** Users: who can sign in, as what, and how far he sees. Nobody is deleted, because the history names him. */
import { z } from 'zod';
import { User } from '../../db/entities/user.ts';
import { keepPasswordToken } from '../../db/password-tokens.ts';
import { endSessionsOf } from '../../db/sessions.ts';
import { DeskError } from '../../domain/errors.ts';
import { ROLES } from '../../domain/permissions.ts';
import { EVERYTHING } from '../../domain/scope.ts';
import { actingFor } from '../acting.ts';
import { changePeople } from '../change-people.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { nothing, route } from '../route.ts';
import { hashOfSecret, newSecret } from '../secrets.ts';
import { instant, instantSchema } from '../shapes/instant.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { newUserSchema, userChangeSchema, userEtag, userJson, userSchema } from '../shapes/user.ts';
import { addUser, alterUser, findUser, revokeKeysOf, userToChange } from '../user-changes.ts';

const params = z.strictObject({ id: z.string() });

export const listUsersRoute = route({
  method: 'get',
  path: '/api/v1/users',
  permission: 'users:manage',
  summary: 'List users by e-mail address',
  params: nothing,
  query: z.strictObject({
    role: z.enum(ROLES).optional(),
    disabled: z.enum(['true', 'false']).optional(),
    fields: fieldsOf(userSchema),
    ...pageQuery,
  }),
  body: nothing,
  answer: { status: 200, description: 'A page of users.', schema: pageOf(userSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, _caller, { orm, cursors }) {
    const { role, disabled } = query;
    const where = {
      ...(role === undefined ? {} : { role }),
      ...(disabled === undefined ? {} : { disabledAt: disabled === 'true' ? { $ne: null } : null }),
    };
    const em = orm.em.fork();
    const { items, nextCursor } = await readPage(
      cursors,
      ['users', { role, disabled }],
      query,
      (after, limit) =>
        em.find(User, after === null ? where : { ...where, email: { $gt: after[0] ?? '' } }, {
          orderBy: { email: 'asc' },
          limit,
        }),
      ({ email }) => [email],
    );
    return { body: { items: items.map(userJson), nextCursor } };
  },
});

export const getUserRoute = route({
  method: 'get',
  path: '/api/v1/users/{id}',
  permission: 'users:manage',
  summary: 'Read a user',
  params,
  query: z.strictObject({ fields: fieldsOf(userSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The user.', schema: userSchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params }, _caller, { orm }) {
    const user = await findUser(orm.em.fork(), params.id);
    return { body: userJson(user), headers: { ETag: userEtag(user) } };
  },
});

export const createUserRoute = route({
  method: 'post',
  path: '/api/v1/users',
  permission: 'users:manage',
  summary: 'Add a user, who sets a first password with a token of POST /users/{id}/password-reset',
  params: nothing,
  query: nothing,
  body: newUserSchema,
  answer: { status: 201, description: 'The user.', schema: userSchema },
  errors: [],
  async handle({ body: { scope = EVERYTHING, customerId = null, ...given } }, caller, services) {
    const user = await changePeople(services, actingFor(caller), async (em) =>
      findUser(em, await addUser(em, caller.principal, { ...given, scope, customerId })),
    );
    return { body: userJson(user), headers: { Location: `/api/v1/users/${user.id}`, ETag: userEtag(user) } };
  },
});

export const changeUserRoute = route({
  method: 'patch',
  path: '/api/v1/users/{id}',
  permission: 'users:manage',
  summary: 'Change a user; another role, scope or state signs the user out everywhere',
  params,
  query: nothing,
  body: userChangeSchema,
  answer: { status: 200, description: 'The user as it is now.', schema: userSchema },
  errors: ['not_found', 'last_admin'],
  etag: true,
  async handle({ params, body }, caller, services) {
    const user = await changePeople(services, actingFor(caller), async (em) => {
      const user = await userToChange(em, caller.principal, params.id);
      caller.requireMatch(userEtag(user));
      await alterUser(em, caller.principal, user, body, services.now());
      return user;
    });
    return { body: userJson(user), headers: { ETag: userEtag(user) } };
  },
});

export const disableUserRoute = route({
  method: 'delete',
  path: '/api/v1/users/{id}',
  permission: 'users:manage',
  summary: 'Disable a user, sign the user out everywhere and revoke the user’s API keys',
  params,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The user, who stays in the history; PATCH {"disabled": false} enables the user again, without keys.',
    schema: userSchema,
  },
  errors: ['not_found', 'last_admin'],
  etag: true,
  async handle({ params }, caller, services) {
    const user = await changePeople(services, actingFor(caller), async (em) => {
      const user = await userToChange(em, caller.principal, params.id);
      caller.requireMatch(userEtag(user));
      await alterUser(em, caller.principal, user, { disabled: true }, services.now());
      await revokeKeysOf(em, user.id);
      return user;
    });
    return { body: userJson(user), headers: { ETag: userEtag(user) } };
  },
});

export const issuePasswordTokenRoute = route({
  method: 'post',
  path: '/api/v1/users/{id}/password-reset',
  permission: 'users:manage',
  summary: 'Make a token with which the user sets a password at POST /auth/password-reset, in place of earlier ones',
  params,
  query: nothing,
  body: nothing,
  answer: {
    status: 201,
    description: 'The token, shown this once; it holds once and for 24 hours.',
    schema: z.object({ token: z.string(), expiresAt: instantSchema }),
  },
  errors: ['not_found', 'invalid_request'],
  secret: true,
  async handle({ params }, caller, services) {
    const token = newSecret();
    const expiresAt = await changePeople(services, actingFor(caller), async (em) => {
      const user = await userToChange(em, caller.principal, params.id);
      if (user.disabledAt !== null) {
        throw new DeskError(
          'invalid_request',
          `"${user.email}" is disabled, so no password helps; enable the user first.`,
        );
      }
      return keepPasswordToken(em, user.id, hashOfSecret(token));
    });
    return { body: { token, expiresAt: instant(expiresAt) } };
  },
});

export const logoutUserRoute = route({
  method: 'post',
  path: '/api/v1/users/{id}/logout',
  permission: 'users:manage',
  summary: 'Sign a user out everywhere; API keys stay',
  params,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'How many sessions ended.', schema: z.object({ ended: z.int() }) },
  errors: ['not_found'],
  async handle({ params }, caller, services) {
    const ended = await changePeople(services, actingFor(caller), async (em) => {
      const user = await userToChange(em, caller.principal, params.id);
      return endSessionsOf(em, user.id, 'endedByAdmin');
    });
    return { body: { ended } };
  },
});
