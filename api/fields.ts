/** `?fields=a,b`: answers only the named fields, of a resource or of each item of a list. */
import { z } from 'zod';

/** The query field `fields` for a resource of the given schema; a field that the resource lacks is refused. */
export function fieldsOf(resource: z.ZodObject) {
  const known = Object.keys(resource.shape);
  return z
    .string()
    .transform((text) => text.split(','))
    .refine((names) => names.every((name) => known.includes(name)), {
      error: `must be a list of these, with commas between: ${known.join(', ')}`,
    })
    .optional()
    .meta({ type: 'string', description: 'Only these fields of the answer, with commas between.' });
}

/** `body` with only the fields that `query.fields` names; all of it where the query names none. */
export function selectFields(body: unknown, query: object): unknown {
  const fields: unknown = 'fields' in query ? query.fields : undefined;
  if (!Array.isArray(fields) || typeof body !== 'object' || body === null) return body;
  if ('items' in body && Array.isArray(body.items)) {
    return { ...body, items: body.items.map((item: unknown) => picked(item, fields)) };
  }
  return picked(body, fields);
}

function picked(item: unknown, fields: readonly unknown[]): unknown {
  if (typeof item !== 'object' || item === null) return item;
  return Object.fromEntries(Object.entries(item).filter(([name]) => fields.includes(name)));
}
