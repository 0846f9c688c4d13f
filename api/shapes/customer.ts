/** Customers as the API shows and takes them. */
import { z } from 'zod';
import type { CustomerRow } from '../reads/customers.ts';
import { instant, instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';
import { organisationNameSchema, tierSchema } from './organisation.ts';
import { words } from './text.ts';

const fields = {
  email: z
    .email({ error: 'must be an e-mail address' })
    .max(254)
    .transform((email) => email.toLowerCase()),
  name: words(200).nullable(),
  tier: tierSchema.nullable(),
  organisationId: z
    .guid()
    .nullable()
    .meta({ description: 'Of a new customer, where it is left out: the one that has the domain of the address.' }),
};

export const newCustomerSchema = z.strictObject({
  email: fields.email,
  name: fields.name.optional(),
  tier: fields.tier.optional(),
  organisationId: fields.organisationId.optional(),
});
export const customerChangeSchema = z.strictObject(fields).partial();

export const customerSchema = z
  .object({
    id: z.uuid(),
    email: z.string(),
    name: z.string().nullable(),
    tier: z.string().nullable().meta({ description: 'The customer’s own.' }),
    effectiveTier: z
      .string()
      .nullable()
      .meta({ description: 'What counts for the next ticket: the customer’s own, or else the organisation’s.' }),
    organisation: orNull(organisationNameSchema),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Customer' });

export type CustomerJson = z.infer<typeof customerSchema>;

/** A customer as JSON. */
export function customerJson(row: CustomerRow): CustomerJson {
  const { id, email, name, tier, effectiveTier, organisationId, organisationName, createdAt, updatedAt } = row;
  return {
    id,
    email,
    name,
    tier,
    effectiveTier,
    organisation: organisationId === null ? null : { id: organisationId, name: organisationName ?? '' },
    createdAt: instant(createdAt),
    updatedAt: instant(updatedAt),
  };
}

/** The `ETag` of a customer; what is shown of the organisation counts, too. */
export function customerEtag({ updatedAt, organisationUpdatedAt }: CustomerVersion): string {
  return organisationUpdatedAt === null ? `"${updatedAt}"` : `"${updatedAt}-${organisationUpdatedAt}"`;
}

/** In milliseconds since 1970. */
type CustomerVersion = Pick<CustomerRow, 'updatedAt' | 'organisationUpdatedAt'>;

export const customerParams = z.strictObject({ id: z.string().meta({ description: 'The id of the customer.' }) });
