/** Organisations as the API shows and takes them. */
import { z } from 'zod';
import type { OrganisationRow } from '../reads/organisations.ts';
import { instant, instantSchema } from './instant.ts';
import { words } from './text.ts';

export const tierSchema = words(40).meta({
  description: 'Such as pro or enterprise; policies filter by it.',
  example: 'pro',
});

/** The part of an address behind the `@`, in small letters. */
export const domainSchema = z
  .string()
  .max(253)
  .regex(/^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]$/i, {
    error: 'must be the domain of e-mail addresses, such as example.com',
  })
  .transform((domain) => domain.toLowerCase());

const fields = {
  name: words(200),
  domain: domainSchema
    .nullable()
    .meta({ description: 'New customers with an address of this domain join. Leave it out for a provider’s domain.' }),
  tier: tierSchema.nullable(),
};

export const newOrganisationSchema = z.strictObject({
  name: fields.name,
  domain: fields.domain.optional(),
  tier: fields.tier.optional(),
});
export const organisationChangeSchema = z.strictObject(fields).partial();

export const organisationSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    domain: z.string().nullable(),
    tier: z.string().nullable().meta({ description: 'Of its customers who have none of their own.' }),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Organisation' });

/** An organisation as others name it. */
export const organisationNameSchema = z.object({ id: z.uuid(), name: z.string() }).meta({ id: 'OrganisationName' });

/** An organisation as JSON. */
export function organisationJson({ id, name, domain, tier, createdAt, updatedAt }: OrganisationRow) {
  return { id, name, domain, tier, createdAt: instant(createdAt), updatedAt: instant(updatedAt) };
}

/** The `ETag` of an organisation. */
export function organisationEtag({ updatedAt }: { updatedAt: number }): string {
  return `"${updatedAt}"`;
}

export const organisationParams = z.strictObject({
  id: z.string().meta({ description: 'The id of the organisation.' }),
});
