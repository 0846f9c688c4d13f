/** An entry of the audit log: who did what to which row, and of a change the columns with what they held. */
import { z } from 'zod';
import type { AuditRow } from '../reads/audit.ts';
import { actorSchema } from './actor.ts';
import { instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';

const changeSchema = z
  .object({
    field: z.string(),
    before: z.unknown(),
    after: z.unknown(),
    hidden: z.boolean().meta({ description: 'Whether only the name is kept: of secrets, and of what customers are.' }),
  })
  .meta({ id: 'AuditChange' });

export const auditEntrySchema = z
  .object({
    id: z.uuid(),
    at: instantSchema,
    actor: actorSchema,
    requestId: z.string().nullable().meta({ description: 'The X-Request-Id of the request that did it.' }),
    action: z.string().meta({ description: 'Such as users.update, signIn.refused or customers.erase.' }),
    target: z.object({ kind: z.string(), id: z.string().nullable() }),
    changes: z.array(changeSchema),
    details: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'AuditEntry' });

export const sealedEntrySchema = auditEntrySchema
  .extend({
    chain: orNull(z.object({ position: z.int(), hash: z.string() }).meta({ id: 'AuditLink' })).meta({
      description: 'Where the chain holds the entry, with the SHA-256 in hex; null for the moments until it is sealed.',
    }),
  })
  .meta({ id: 'SealedAuditEntry' });

/** The row as the API writes it. */
export function auditEntryJson(row: AuditRow): z.infer<typeof auditEntrySchema> {
  const { kind, id, name } = row.actor;
  return {
    id: row.id,
    at: new Date(row.at).toISOString(),
    actor: { kind, id, name: kind === 'system' ? 'Holdfast' : name },
    requestId: row.requestId,
    action: row.action,
    target: { kind: row.target, id: row.targetId },
    changes: Object.entries(row.changes).map(([column, change]) => ({
      field: camelCase(column),
      before: change?.before ?? null,
      after: change?.after ?? null,
      hidden: change === null,
    })),
    details: row.details,
  };
}

function camelCase(column: string): string {
  return column.replaceAll(/_(\w)/g, (_, letter: string) => letter.toUpperCase());
}
