/** A named schema or null: as a union, because OpenAPI has no way to make a reference nullable. */
import { z } from 'zod';

/** `schema`, or null. */
export function orNull<S extends z.ZodType>(schema: S) {
  return z.union([schema, z.null()]);
}
