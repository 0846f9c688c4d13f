/** The facts that a person gives a ticket: its type, its tags, and the fields of its type's form. */
import type { Pool } from 'pg';
import { z } from 'zod';
import { DeskError } from '../domain/errors.ts';
import { checkForm, type SupportType } from '../domain/support-type.ts';
import type { Services } from './services.ts';
import { isKeepable } from './shapes/text.ts';

const MOST_TAGS = 50;

export const slug = z.string().regex(/^[a-z0-9][a-z0-9-]{0,59}$/, { error: 'must be a name such as lost-parcel' });

export const tag = z
  .string()
  .regex(/^[a-z0-9][a-z0-9_-]{0,39}$/, { error: 'must be 1 to 40 small letters, digits, dashes or underscores' });

export const tagsSchema = z
  .array(tag)
  .max(MOST_TAGS)
  .transform((tags) => [...new Set(tags)].sort());

export const customFieldsSchema = z.record(
  z.string().max(60),
  z.union([
    z.string().refine(isKeepable, { error: 'must not hold the character NUL, nor half a character' }),
    z.number(),
    z.boolean(),
    z.null(),
  ]),
);

interface Facts {
  supportType?: string | undefined;
  customFields?: Readonly<Record<string, unknown>> | undefined;
}

/** Checks the type and the fields of its form; answers the type, or null where none is given. Throws `invalid_request`. */
export async function checkType({ settings }: Services, facts: Facts): Promise<SupportType | null> {
  const { types } = await settings.read();
  const type = types.find(({ id }) => id === facts.supportType) ?? null;
  if (facts.supportType !== undefined && type === null) {
    const message = `must be one of the support types, such as ${types[0]?.id ?? 'none, for there are none yet'}`;
    throw refusal('supportType', message);
  }
  if (facts.customFields === undefined) return type;
  if (type === null) throw refusal('customFields', 'belong to a support type: give "supportType" with them');
  const wrong = checkForm(type, facts.customFields, { complete: false });
  if (wrong.length === 0) return type;
  const errors = wrong.map(({ path, message }) => ({ path: `customFields.${path}`, message }));
  const named = errors.map(({ path, message }) => `"${path}" ${message}`).join('; ');
  throw new DeskError('invalid_request', `The fields do not fit the form of ${type.id}: ${named}.`, { errors });
}

function refusal(path: string, message: string): DeskError {
  return new DeskError('invalid_request', `"${path}" ${message}.`, { errors: [{ path, message }] });
}

/** Keeps the fields beside the other words, so that they can be erased with them; safe to run twice. */
export async function storeFields(pool: Pool, id: string, fields: Readonly<Record<string, unknown>>): Promise<void> {
  await pool.query({
    name: 'store-fields',
    text: 'insert into texts (id, body) values ($1, $2) on conflict (id) do nothing',
    values: [id, JSON.stringify(fields)],
  });
}
