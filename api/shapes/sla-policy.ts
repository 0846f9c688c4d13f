/** Service-level policies as the API shows and takes them: times in minutes of the policy's calendar. */
import { z } from 'zod';
import type { SlaPolicy } from '../../db/entities/sla-policy.ts';
import type { Pagee, PolicyFilter, SlaPolicy as Policy } from '../../domain/sla-policy.ts';
import { CHANNELS, PRIORITIES, SEVERITIES } from '../../domain/ticket.ts';
import { instantSchema } from './instant.ts';
import { settingId } from './setting-id.ts';
import { words } from './text.ts';

const MINUTE = 60_000;
const YEAR = 366 * 24 * 60;
const WEEK = 7 * 24 * 60;
export const MOST_POLICIES = 100;

function anyOf<S extends z.ZodType>(value: S) {
  return z.array(value).min(1).max(50);
}

const filterFields = {
  tier: anyOf(words(40)).optional(),
  severity: anyOf(z.enum(SEVERITIES)).optional(),
  priority: anyOf(z.enum(PRIORITIES)).optional(),
  supportType: anyOf(settingId).optional(),
  channel: anyOf(z.enum(CHANNELS)).optional(),
  tag: anyOf(words(40)).optional(),
};
type Filter = { [Field in keyof PolicyFilter]?: PolicyFilter[Field] | undefined };
const filterSchema = z.strictObject(filterFields).transform(filterOf).meta({
  description: 'What a ticket must be; a field that is left out accepts any, and of the tags one must be there.',
});

const minutes = z.int().min(1).max(YEAR);
const byPriority = z.strictObject({ low: minutes, normal: minutes, high: minutes, urgent: minutes });
const targetsSchema = z
  .strictObject({
    firstResponse: byPriority.nullable(),
    nextResponse: byPriority.nullable(),
    resolution: byPriority.nullable(),
  })
  .partial()
  .meta({ description: 'Minutes by priority; a target that is null or left out is not set.' });

const KINDS = 'assignee, team, role, onCall, pagerDuty, channel';
const pageeSchema = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({ kind: z.literal('assignee') }),
    z.strictObject({
      kind: z.literal('team'),
      teamId: settingId.nullable().meta({ description: 'Null: the ticket’s own team.' }),
    }),
    z.strictObject({ kind: z.literal('role'), role: z.enum(['lead', 'admin']) }),
    z.strictObject({ kind: z.literal('onCall'), rotaId: settingId }),
    z.strictObject({ kind: z.literal('pagerDuty') }),
    z.strictObject({ kind: z.literal('channel') }),
  ],
  { error: `must be one of ${KINDS}` },
);
const stepSchema = z.strictObject({
  delay: z
    .int()
    .min(0)
    .max(WEEK)
    .meta({ description: 'Minutes after the breach for the first step, else after the step before.' }),
  page: z.array(pageeSchema).min(1).max(10),
});

const fields = {
  name: words(120),
  filter: filterSchema,
  targets: targetsSchema,
  calendarId: settingId.nullable().meta({ description: 'Null: every minute counts.' }),
  warnAt: z
    .array(
      z.number().refine((share) => share > 0 && share < 1, {
        error: ({ input }) => `is ${String(input)}; give a share of the target between 0 and 1, such as 0.75`,
      }),
    )
    .max(5)
    .transform((shares) => [...new Set(shares)].sort((a, b) => a - b)),
  ladder: z.array(stepSchema).max(10),
  position: z
    .int()
    .min(1)
    .max(MOST_POLICIES)
    .meta({ description: 'The first policy that fits a ticket holds. Behind the last: at the end.' }),
};

export const newSlaPolicySchema = z.strictObject({
  id: settingId.optional(),
  name: fields.name,
  targets: fields.targets,
  filter: fields.filter.optional(),
  calendarId: fields.calendarId.optional(),
  warnAt: fields.warnAt.optional(),
  ladder: fields.ladder.optional(),
  position: fields.position.optional(),
});
export const slaPolicyChangeSchema = z.strictObject(fields).partial();
export type SlaPolicyChange = z.output<typeof slaPolicyChangeSchema>;

const shownMinutes = z.number();
const shownTarget = z
  .object({ low: shownMinutes, normal: shownMinutes, high: shownMinutes, urgent: shownMinutes })
  .nullable();

export const slaPolicySchema = z
  .object({
    id: z.string(),
    position: z.int(),
    name: z.string(),
    filter: z.object(filterFields),
    targets: z.object({ firstResponse: shownTarget, nextResponse: shownTarget, resolution: shownTarget }),
    calendarId: z.string().nullable(),
    warnAt: z.array(z.number()),
    ladder: z.array(z.object({ delay: z.number(), page: z.array(pageeSchema) })),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'SlaPolicy' });

type Target = Policy['targets']['resolution'];

/** The targets in milliseconds. */
export function targetsOf(given: z.output<typeof targetsSchema>): Policy['targets'] {
  return {
    firstResponse: times(given.firstResponse ?? null, MINUTE),
    nextResponse: times(given.nextResponse ?? null, MINUTE),
    resolution: times(given.resolution ?? null, MINUTE),
  };
}

/** The ladder with its delays in milliseconds. */
export function ladderOf(given: z.output<typeof fields.ladder>): { delay: number; page: Pagee[] }[] {
  return given.map(({ delay, page }) => ({ delay: delay * MINUTE, page }));
}

/** A policy as JSON. */
export function slaPolicyJson(row: SlaPolicy): z.infer<typeof slaPolicySchema> {
  const { firstResponse, nextResponse, resolution } = row.targets;
  return {
    id: row.id,
    position: row.position,
    name: row.name,
    filter: filterOf(row.filter),
    targets: {
      firstResponse: times(firstResponse, 1 / MINUTE),
      nextResponse: times(nextResponse, 1 / MINUTE),
      resolution: times(resolution, 1 / MINUTE),
    },
    calendarId: row.calendarId ?? null,
    warnAt: row.warnAt,
    ladder: row.ladder.map(({ delay, page }) => ({ delay: delay / MINUTE, page: [...page] })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}

/** What is absent accepts any, so it is left out. */
function filterOf(given: Filter) {
  const { tier, severity, priority, supportType, channel, tag } = given;
  return {
    ...(tier && { tier: [...tier] }),
    ...(severity && { severity: [...severity] }),
    ...(priority && { priority: [...priority] }),
    ...(supportType && { supportType: [...supportType] }),
    ...(channel && { channel: [...channel] }),
    ...(tag && { tag: [...tag] }),
  };
}

function times(target: Target, factor: number): Target {
  if (target === null) return null;
  const { low, normal, high, urgent } = target;
  return { low: low * factor, normal: normal * factor, high: high * factor, urgent: urgent * factor };
}
