/** Who did it, with the name that people know. */
import { z } from 'zod';

export const actorSchema = z
  .object({
    kind: z.enum(['agent', 'bot', 'customer', 'system', 'rule', 'integration']),
    id: z.string().nullable(),
    name: z.string().nullable(),
  })
  .meta({ id: 'Actor' });

export type NamedActor = z.infer<typeof actorSchema>;
