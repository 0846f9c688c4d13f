/** Lists: `{items, nextCursor}`, and the query fields that every list takes. */
import { z } from 'zod';

export const pageQuery = {
  limit: z.coerce.number().int().min(1).max(100).default(25).meta({ description: 'How many items at most.' }),
  cursor: z.string().optional().meta({ description: 'The nextCursor of the page before.' }),
};

/** A page of the given items. */
export function pageOf<S extends z.ZodType>(items: S) {
  return z.object({ items: z.array(items), nextCursor: z.string().nullable() });
}
