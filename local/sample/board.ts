/**
 * What the sample sees of the desk's tickets: one look at all of them at a time, however many of them it plays. Does not
 * promise to be newer than its latest look.
 */
import { z } from 'zod';
import type { Session } from './session.ts';

const FIELDS = 'id,subject,status,assignee,supportType,firstResponseAt,escalation,externalReferences';

const seenSchema = z.object({
  id: z.string(),
  subject: z.string(),
  status: z.string(),
  assignee: z.object({ id: z.string() }).nullable(),
  supportType: z.string().nullable(),
  firstResponseAt: z.string().nullable(),
  escalation: z.object({}).nullable(),
  externalReferences: z.array(z.object({ source: z.string(), id: z.string() })),
});
const pageSchema = z.object({ items: z.array(seenSchema), nextCursor: z.string().nullable() });

export type Seen = z.infer<typeof seenSchema>;

export interface Board {
  /** Looks at every ticket of the desk. */
  look(): Promise<void>;
  /** The ticket of that id, or of that conversation at Front; undefined when it is not there yet. */
  find(name: string): Seen | undefined;
}

/** A board that nobody has looked at yet. */
export function createBoard({ ask }: Pick<Session, 'ask'>): Board {
  const seen = new Map<string, Seen>();
  return {
    async look() {
      let cursor: string | null = null;
      do {
        const after: string = cursor === null ? '' : `&cursor=${encodeURIComponent(cursor)}`;
        const page = pageSchema.parse(
          await ask('GET', `/api/v1/tickets?sort=createdAt&limit=100&fields=${FIELDS}${after}`),
        );
        for (const ticket of page.items) {
          for (const name of [ticket.id, ...ticket.externalReferences.map(({ id }) => id)]) seen.set(name, ticket);
        }
        cursor = page.nextCursor;
      } while (cursor !== null);
    },
    find: (name) => seen.get(name),
  };
}
