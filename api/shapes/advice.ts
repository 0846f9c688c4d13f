/** Advice as the API shows it. */
import { z } from 'zod';
import { type CustomerFacts, RISKS } from '../../integrations/advisor.ts';
import type { Advised } from '../advice.ts';
import { draftSchema } from './draft.ts';
import { instant, instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';

const missingSchema = z
  .array(z.object({ part: z.string(), reason: z.string() }))
  .meta({ description: 'What this answer goes without, and why, as whole sentences.' });

const engineSchema = z
  .enum(['quimbi', 'simulator', 'heuristic'])
  .meta({ description: 'Who says so; heuristic: the desk’s own counts and rules.' });

const share = z.number().meta({ description: '0 to 1.' });
const advised = { engine: engineSchema, at: instantSchema, missing: missingSchema };

const countsSchema = z
  .object({
    total: z.int(),
    open: z.int(),
    late: z.int().meta({ description: 'Late with what is still owed.' }),
    breached: z.int().meta({ description: 'That ever missed a deadline.' }),
    negative: z.int(),
    recently: z.int().meta({ description: 'Of the last ninety days.' }),
    byCategory: z.record(z.string(), z.int()),
  })
  .meta({ description: 'Of the newest five hundred tickets that you see.' });

export const dnaSchema = z
  .object({
    customerId: z.uuid(),
    archetype: z.string().nullable(),
    segments: z.array(z.object({ name: z.string(), value: z.string() })),
    guidance: z.array(z.string()).meta({ description: 'How to speak with the customer.' }),
    confidence: share.nullable(),
    tier: z.string().nullable(),
    tickets: countsSchema,
    ...advised,
  })
  .meta({ id: 'CustomerDna' });

export const churnSchema = z
  .object({
    customerId: z.uuid(),
    risk: share,
    level: z.enum(RISKS),
    factors: z.array(
      z.object({
        name: z.string(),
        impact: z.enum(['low', 'medium', 'high']),
        direction: z.enum(['raises', 'lowers']),
      }),
    ),
    recommendations: z.array(z.string()),
    ...advised,
  })
  .meta({ id: 'ChurnRisk' });

export const recommendationSchema = z
  .object({
    ticketId: z.uuid(),
    actions: z
      .array(z.object({ action: z.string(), reason: z.string().nullable() }))
      .meta({ description: 'The most important first. Nothing of it is done by itself.' }),
    warnings: z.array(z.string()),
    talkingPoints: z.array(z.string()),
    ...advised,
  })
  .meta({ id: 'Recommendation' });

export const proposedDraftSchema = z
  .object({ ticketId: z.uuid(), draft: orNull(draftSchema), missing: missingSchema })
  .meta({ id: 'ProposedDraft' });

const acceptanceCounts = {
  proposed: z.int().meta({ description: 'All of them, the undecided and the stale included.' }),
  approved: z.int(),
  edited: z.int(),
  discarded: z.int(),
  meanEditDistance: z
    .number()
    .nullable()
    .meta({ description: 'Of the edited ones, in characters; null where there are none.' }),
  share: share.nullable().meta({ description: 'Approved as they were, of those decided; null where there are none.' }),
};

export const acceptanceSchema = z
  .object({
    from: instantSchema,
    to: instantSchema,
    total: z.object(acceptanceCounts),
    categories: z.array(
      z.object({
        category: z.string().nullable().meta({ description: 'Null: of tickets that were not triaged.' }),
        ...acceptanceCounts,
      }),
    ),
  })
  .meta({ id: 'Acceptance' });

/** The part of an answer that all advice has. */
export function advisedJson({ answer, at, missing }: Advised<{ engine: z.infer<typeof engineSchema> }>) {
  return { engine: answer.engine, at: instant(at), missing };
}

/** The counts of a customer's tickets as JSON. */
export function countsJson({ tickets }: CustomerFacts): z.infer<typeof countsSchema> {
  return tickets;
}
