/** A file as the API shows it: beside its message by name, and by itself with a link to its bytes. */
import { z } from 'zod';
import type { AttachmentRow } from '../reads/attachments.ts';
import type { FileLink } from '../../integrations/files.ts';
import { instant, instantSchema } from './instant.ts';

/** As a message shows it. */
export const attachedSchema = z
  .object({ id: z.uuid(), name: z.string(), type: z.string(), size: z.int().meta({ description: 'In bytes.' }) })
  .meta({ id: 'AttachedFile' });

const linkSchema = z.object({
  url: z.string(),
  headers: z.record(z.string(), z.string()).meta({ description: 'What the request must carry.' }),
  expiresAt: instantSchema,
});
export const uploadSchema = linkSchema.extend({ method: z.literal('PUT') });

export const attachmentSchema = z
  .object({
    id: z.uuid(),
    name: z.string(),
    type: z.string().nullable().meta({ description: 'By its content; null until it is complete.' }),
    size: z.int().meta({ description: 'In bytes.' }),
    ticketId: z.uuid().nullable(),
    messageId: z.uuid().nullable(),
    createdAt: instantSchema,
    download: linkSchema.nullable().meta({ description: 'Where it can be fetched from; null until it is complete.' }),
  })
  .meta({ id: 'Attachment' });

/** A link as JSON. */
export function linkJson({ url, headers, expiresAt }: FileLink) {
  return { url, headers: { ...headers }, expiresAt: instant(expiresAt) };
}

/** A file as JSON, with the link to its bytes where there is one. */
export function attachmentJson(row: AttachmentRow, download: FileLink | null): z.infer<typeof attachmentSchema> {
  const { id, name, type, size, ticketId, messageId, createdAt } = row;
  return {
    id,
    name,
    type,
    size,
    ticketId,
    messageId,
    createdAt: instant(createdAt),
    download: download && linkJson(download),
  };
}
