/** Scopes as the API shows and takes them. */
import { z } from 'zod';
import { EVERYTHING, type Scope } from '../../domain/scope.ts';
import { settingId } from './setting-id.ts';

const MOST = 100;

export const scopeSchema = z
  .object({
    supportTypes: z.array(z.string()).nullable(),
    teams: z.array(z.string()).nullable(),
    organisations: z.array(z.string()).nullable(),
  })
  .meta({ id: 'Scope', description: 'Which tickets and customers are seen; null where a part narrows nothing.' });

function part(id: z.ZodType<string>) {
  return z
    .array(id)
    .max(MOST)
    .transform((ids) => [...new Set(ids)].sort())
    .nullable()
    .default(null);
}

const organisationId = z.guid({ error: 'must be the id of an organisation' }).transform((id) => id.toLowerCase());

/** A scope as it is given, whole: a part that is not named narrows nothing; null sees everything. */
export const scopeInput = z
  .strictObject({ supportTypes: part(settingId), teams: part(settingId), organisations: part(organisationId) })
  .nullable()
  .transform((scope): Scope => scope ?? EVERYTHING);

/** A scope as JSON; one that is kept as null is everything. */
export function scopeJson(scope: Scope | null | undefined): z.infer<typeof scopeSchema> {
  const { supportTypes, teams, organisations } = scope ?? EVERYTHING;
  return { supportTypes: listOf(supportTypes), teams: listOf(teams), organisations: listOf(organisations) };
}

/** A scope as it is kept: null where it narrows nothing. */
export function keptScope(scope: Scope): Scope | null {
  const { supportTypes, teams, organisations } = scope;
  return supportTypes === null && teams === null && organisations === null ? null : scope;
}

function listOf(ids: readonly string[] | null): string[] | null {
  return ids === null ? null : [...ids];
}
