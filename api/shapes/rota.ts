/**
 * Rotas as the API shows and takes them: turns that the desk keeps itself (`kind` is `turns`), or a schedule that is kept
 * in PagerDuty (`pagerDuty`); what belongs to the other kind is null.
 */
import { z } from 'zod';
import type { Rota } from '../../db/entities/rota.ts';
import type { KeptRota } from '../../db/rotas.ts';
import { instant, instantSchema } from './instant.ts';
import { settingId } from './setting-id.ts';
import { words } from './text.ts';
import { clock, localDate, minuteOf, timeOfDay } from './time-of-day.ts';
import { zoneSchema } from './zone.ts';

const ROTA_KINDS = ['turns', 'pagerDuty'] as const;

const agentId = z.guid({ error: 'must be the id of an agent' });
const moment = z.iso.datetime({ error: 'must be an instant in UTC, such as 2026-12-24T18:00:00Z' });
const overrideSchema = z
  .strictObject({ from: moment, to: moment, agentId })
  .refine(({ from, to }) => Date.parse(from) < Date.parse(to), { error: 'must end after it begins', path: ['to'] });

const turns = {
  zone: zoneSchema,
  startsOn: localDate.meta({ description: 'The local date of the first hand-over.' }),
  handOverAt: timeOfDay.meta({ description: 'The local time of every hand-over.' }),
  rotationDays: z.int().min(1).max(365).meta({ description: 'How long a turn is; 7 is weekly.' }),
  agentIds: z.array(agentId).min(1).max(50).meta({ description: 'In the order of their turns.' }),
  overrides: z.array(overrideSchema).max(100),
};
const scheduleId = z.string().regex(/^[A-Za-z0-9]{1,40}$/, { error: 'must be the id of a schedule, such as PI7DH85' });

export const rotaChangeSchema = z.strictObject({ name: words(120), scheduleId, ...turns }).partial();
export const newRotaSchema = rotaChangeSchema.extend({
  id: settingId.optional(),
  name: words(120),
  kind: z.enum(ROTA_KINDS).optional(),
});
export type RotaChange = z.output<typeof rotaChangeSchema>;

export const rotaSchema = z
  .object({
    id: z.string(),
    name: z.string(),
    kind: z.enum(ROTA_KINDS),
    scheduleId: z.string().nullable(),
    zone: z.string().nullable(),
    startsOn: z.string().nullable(),
    handOverAt: z.string().nullable(),
    rotationDays: z.int().nullable(),
    agentIds: z.array(z.uuid()),
    overrides: z.array(z.object({ from: instantSchema, to: instantSchema, agentId: z.uuid() })),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'Rota' });

/** The turns that are given, as they are kept. */
export function turnsOf(given: RotaChange): Partial<KeptRota> {
  const { zone, startsOn, handOverAt, rotationDays, agentIds, overrides } = given;
  return {
    ...(zone !== undefined && { zone }),
    ...(startsOn !== undefined && { startsOn }),
    ...(handOverAt !== undefined && { handOverMinute: minuteOf(handOverAt) }),
    ...(rotationDays !== undefined && { rotationDays }),
    ...(agentIds !== undefined && { agentIds }),
    ...(overrides !== undefined && {
      overrides: overrides.map(({ from, to, agentId }) => ({ from: Date.parse(from), to: Date.parse(to), agentId })),
    }),
  };
}

/** A rota as JSON. */
export function rotaJson(row: Rota): z.infer<typeof rotaSchema> {
  const { body } = row;
  const own = 'kind' in body ? null : body;
  return {
    id: row.id,
    name: row.name,
    kind: own === null ? 'pagerDuty' : 'turns',
    scheduleId: 'kind' in body ? body.scheduleId : null,
    zone: own?.zone ?? null,
    startsOn: own?.startsOn ?? null,
    handOverAt: own === null ? null : clock(own.handOverMinute),
    rotationDays: own?.rotationDays ?? null,
    agentIds: [...(own?.agentIds ?? [])],
    overrides: (own?.overrides ?? []).map(({ from, to, agentId }) => ({
      from: instant(from),
      to: instant(to),
      agentId,
    })),
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
