/** Users as the API shows and takes them. */
import { z } from 'zod';
import type { User } from '../../db/entities/user.ts';
import { type Role, ROLES } from '../../domain/permissions.ts';
import { instantSchema } from './instant.ts';
import { scopeInput, scopeJson, scopeSchema } from './scope.ts';
import { words } from './text.ts';

/** An integration is an API key without a user. */
const GIVEN_ROLES = ['admin', 'lead', 'agent', 'bot', 'customer'] as const;

const emailSchema = z
  .email({ error: 'must be an e-mail address' })
  .max(254)
  .transform((email) => email.toLowerCase());

const fields = { email: emailSchema, name: words(200), role: z.enum(GIVEN_ROLES) };

export const newUserSchema = z.strictObject({
  ...fields,
  scope: scopeInput.optional().meta({ description: 'Without one, or with null, everything is seen.' }),
  customerId: z
    .guid({ error: 'must be the id of a customer' })
    .optional()
    .meta({ description: 'Of the role customer, which needs it: the customer who signs in as this user.' }),
});

export const userChangeSchema = z
  .strictObject({
    ...fields,
    scope: scopeInput.meta({ description: 'In place of the one before; null sees everything.' }),
    disabled: z.boolean(),
  })
  .partial();
/** What may be changed; a user who has the role of an integration keeps it unless given another. */
export type UserChange = Omit<z.output<typeof userChangeSchema>, 'role'> & { role?: Role | undefined };

export const userSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string(),
    role: z.enum(ROLES),
    scope: scopeSchema,
    customerId: z.uuid().nullable(),
    disabled: z.boolean(),
    hasPassword: z.boolean(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'User' });

export type UserJson = z.infer<typeof userSchema>;

/** A user as JSON. */
export function userJson(user: User): UserJson {
  const { id, email, name, role, customerId = null } = user;
  return {
    id,
    email,
    name,
    role,
    scope: scopeJson(user.scope),
    customerId,
    disabled: user.disabledAt !== null,
    hasPassword: user.passwordHash !== null,
    createdAt: user.createdAt.toISOString(),
    updatedAt: user.updatedAt.toISOString(),
  };
}

/** The `ETag` of a user. */
export function userEtag({ updatedAt }: User): string {
  return `"${updatedAt.getTime()}"`;
}
