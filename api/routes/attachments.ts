/** Files for messages: announced, uploaded by a link, completed, and fetched by a link. */
import { z } from 'zod';
import { announceFile, completeFile, removeFiles } from '../../db/attachments.ts';
import { fileName, MOST_FILE_BYTES } from '../../domain/attachment.ts';
import { DeskError } from '../../domain/errors.ts';
import { fileKind, LOOKED_AT_BYTES } from '../file-kind.ts';
import { type AttachmentRow, findAttachment, findOwnAttachment } from '../reads/attachments.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { attachmentJson, attachmentSchema, linkJson, uploadSchema } from '../shapes/attachment.ts';

const PATH = '/api/v1/attachments';
const attachmentParams = z.strictObject({ id: z.string() });

export const announceAttachmentRoute = route({
  method: 'post',
  path: PATH,
  permission: 'tickets:reply',
  summary: 'Announce a file; it is then sent to the link by PUT, and completed',
  params: nothing,
  query: nothing,
  body: z.strictObject({
    name: z
      .string()
      .min(1)
      .max(255)
      .meta({ description: 'As it is saved under; what stands before the last slash is left out.' }),
    size: z.int().min(1).max(MOST_FILE_BYTES).meta({ description: 'In bytes; exactly as many are taken.' }),
    type: z
      .string()
      .max(255)
      .optional()
      .meta({ description: 'Not relied on: what a file is, is found in its content.' }),
  }),
  answer: {
    status: 201,
    description: 'Where the file goes.',
    schema: z.object({ id: z.uuid(), upload: uploadSchema }),
  },
  errors: ['too_many_files'],
  async handle({ body }, { principal, command, origin }, { pool, files, now }) {
    const id = command.idFor('attachment');
    const announced = { id, name: fileName(body.name), size: body.size, uploaderId: principal.id };
    if (!(await announceFile(pool, announced, now()))) {
      const detail =
        'You have a hundred files that belong to no message; attach some, or wait a day until they are gone.';
      throw new DeskError('too_many_files', detail);
    }
    const upload = await files.uploadLink({ id, size: body.size }, origin);
    return {
      body: { id, upload: { method: 'PUT' as const, ...linkJson(upload) } },
      headers: { Location: `${PATH}/${id}` },
    };
  },
});

export const completeAttachmentRoute = route({
  method: 'post',
  path: `${PATH}/{id}/complete`,
  permission: 'tickets:reply',
  summary: 'Say that a file is uploaded; its size is checked and its type found in its content',
  params: attachmentParams,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The file, which a message can have now.', schema: attachmentSchema },
  errors: ['not_found', 'upload_incomplete', 'file_refused'],
  async handle({ params }, { principal, origin }, services) {
    const row = await findOwnAttachment(services.pool, principal, params.id);
    if (row.type !== null) return { body: await withDownload(row, origin, services) };
    const type = await checked(row, services);
    await completeFile(services.pool, row.id, type, services.now());
    return { body: await withDownload({ ...row, type }, origin, services) };
  },
});

export const getAttachmentRoute = route({
  method: 'get',
  path: `${PATH}/{id}`,
  permission: 'tickets:read',
  summary: 'Read of a file, with a link to fetch it by',
  params: attachmentParams,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The file.', schema: attachmentSchema },
  errors: ['not_found'],
  async handle({ params }, { principal, origin }, services) {
    const row = await findAttachment(services.pool, principal, params.id);
    return { body: await withDownload(row, origin, services) };
  },
});

async function withDownload(row: AttachmentRow, origin: string, { files }: Services) {
  const { id, name, type, size } = row;
  return attachmentJson(row, type === null ? null : await files.downloadLink({ id, name, type, size }, origin));
}

/** The type of an uploaded file; one that the desk does not keep is removed at once. */
async function checked({ id, size }: AttachmentRow, { pool, files }: Services): Promise<string> {
  const stored = await files.sizeOf(id);
  if (stored === null) {
    throw new DeskError('upload_incomplete', 'The file is not there yet; send it to its link by PUT first.');
  }
  if (stored !== size) {
    await removeFiles(pool, files, [id]);
    const detail = `The file was announced with ${size} bytes and has ${stored}, so it was removed; announce it anew.`;
    throw new DeskError('file_refused', detail);
  }
  const { type, program } = await fileKind(await files.head(id, LOOKED_AT_BYTES));
  if (!program) return type;
  await removeFiles(pool, files, [id]);
  const detail = `The file is a program (${type}), which the desk does not keep, so it was removed; send it another way.`;
  throw new DeskError('file_refused', detail);
}
