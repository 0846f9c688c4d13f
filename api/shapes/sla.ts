/** The clocks of a ticket, each with the story of its deadline. */
import { z } from 'zod';
import type { Explanation } from '../../domain/sla-explanation.ts';
import { instant, instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';
import { clockSchema } from './ticket.ts';

const policySchema = z.object({ id: z.string(), name: z.string(), version: z.int() });

const segmentSchema = z.object({
  from: instantSchema,
  to: instantSchema,
  counted: z.boolean(),
  why: z.enum(['always', 'working', 'closed', 'holiday', 'paused']),
  reason: z.string().nullable().meta({ description: 'Why it was paused, such as the status that paused it.' }),
});

const explainedSchema = clockSchema
  .extend({
    policy: orNull(policySchema).meta({ description: 'The policy, as it was, that set the deadline.' }),
    segments: z.array(segmentSchema).meta({ description: 'From the clock’s beginning to its end, or until now.' }),
  })
  .meta({ id: 'ExplainedClock' });

export const ticketSlaSchema = z
  .object({
    firstResponse: orNull(explainedSchema),
    nextResponse: orNull(explainedSchema),
    resolution: orNull(explainedSchema),
  })
  .meta({ id: 'TicketSla' });

export type ExplainedClock = z.infer<typeof explainedSchema>;

/** The segments of an explanation as JSON; another policy or priority begins another segment. */
export function segmentsJson({ segments }: Explanation): ExplainedClock['segments'] {
  return segments.map(({ from, to, counted, why, reason }) => ({
    from: instant(from),
    to: instant(to),
    counted,
    why,
    reason,
  }));
}
