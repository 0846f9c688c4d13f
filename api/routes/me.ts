/** Who one is. */
import { z } from 'zod';
import { User } from '../../db/entities/user.ts';
import { grantedTo, may, PERMISSIONS, ROLES } from '../../domain/permissions.ts';
import { nothing, route } from '../route.ts';
import { scopeJson, scopeSchema } from '../shapes/scope.ts';

export const meRoute = route({
  method: 'get',
  path: '/api/v1/me',
  permission: 'signedIn',
  summary: 'Who asks, what he may do and how far he sees',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: {
    status: 200,
    description: 'The principal behind the credential; email is null for a key that belongs to no user.',
    schema: z
      .object({
        id: z.uuid(),
        kind: z.enum(['agent', 'bot', 'customer', 'integration']),
        name: z.string(),
        email: z.string().nullable(),
        role: z.enum(ROLES),
        permissions: z.array(z.enum(PERMISSIONS)),
        scope: scopeSchema,
        customerId: z.uuid().nullable(),
      })
      .meta({ id: 'Me' }),
  },
  errors: [],
  async handle(_input, { principal }, { orm }) {
    const { id, kind, name, role, userId, scope, customerId } = principal;
    const user = userId === null ? null : await orm.em.fork().findOne(User, { id: userId });
    const permissions = grantedTo(role).filter((permission) => may(principal, permission));
    const email = user?.email ?? null;
    return { body: { id, kind, name, email, role, permissions, scope: scopeJson(scope), customerId } };
  },
});
