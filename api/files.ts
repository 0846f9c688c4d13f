/**
 * `/files/{id}`: where signed links to the local disk lead. A PUT brings the file that was announced, once; a GET answers
 * one that is complete. The link is the permission; no credential is looked at.
 *
 * Whatever a file holds, it is given to be saved: as an attachment, under the type that its content has, never sniffed, and
 * in a sandbox where a browser shows it all the same. Ranges are not served.
 */
import type { Pool } from 'pg';
import { findFile, type FileRow } from '../db/attachments.ts';
import { DeskError } from '../domain/errors.ts';
import { savedAs } from '../integrations/file-name-header.ts';
import type { LocalFiles, Stored } from '../integrations/local-files.ts';
import type { Context, Middleware } from './context.ts';

const PATH = /^\/files\/([0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12})$/;
const METHODS = 'GET, HEAD, PUT';
/** How long an upload may stand still before its connection is ended. */
const STALL_MS = 30_000;

/** Serves the links of `files`. */
export function localFiles(files: LocalFiles, pool: Pool): Middleware {
  return async (ctx, next) => {
    const id = PATH.exec(ctx.path)?.[1];
    if (id === undefined) return next();
    ctx.state.route = '/files/{id}';
    switch (ctx.method) {
      case 'PUT':
        return receive(ctx, files, pool, id);
      case 'GET':
      case 'HEAD':
        return give(ctx, files, pool, id);
      default:
        ctx.set('Allow', METHODS);
        throw new DeskError('method_not_allowed', `${ctx.path} does not take ${ctx.method}; it takes ${METHODS}.`);
    }
  };
}

async function receive(ctx: Context, files: LocalFiles, pool: Pool, id: string): Promise<void> {
  const allowed = files.links.verify('upload', id, ctx.query);
  if (allowed === null) throw invalidLink();
  const row = await known(pool, id);
  if (row.type !== null || (await files.sizeOf(id)) !== null) throw refusalOf('exists', allowed.size);
  const announced = ctx.get('Content-Length');
  if (announced !== '' && Number(announced) > allowed.size) throw refusalOf('long', allowed.size);
  ctx.req.setTimeout(STALL_MS, () => ctx.req.destroy());
  const stored = await files.store(allowed, bytesOf(ctx));
  if (stored !== 'stored') throw refusalOf(stored, allowed.size);
  ctx.status = 204;
}

/** The body; left standing, and not torn down, when somebody stops reading, so that he can be answered. */
async function* bytesOf({ req }: Context): AsyncGenerator<Uint8Array> {
  try {
    for await (const chunk of req.iterator({ destroyOnReturn: false })) if (chunk instanceof Uint8Array) yield chunk;
  } catch (cause) {
    throw new DeskError('upload_incomplete', 'The file did not arrive whole; send it again.', { cause });
  }
}

async function give(ctx: Context, files: LocalFiles, pool: Pool, id: string): Promise<void> {
  if (files.links.verify('download', id, ctx.query) === null) throw invalidLink();
  const row = await known(pool, id);
  const file = row.type === null ? null : await files.open(id);
  if (file === null || row.type === null) throw gone();
  ctx.set({
    'Content-Type': row.type,
    'Content-Length': `${row.size}`,
    'Content-Disposition': savedAs(row.name),
    'X-Content-Type-Options': 'nosniff',
    'Content-Security-Policy': "sandbox; default-src 'none'; frame-ancestors 'none'",
    'Cache-Control': 'private, no-store',
  });
  ctx.status = 200;
  if (ctx.method === 'HEAD') await file.close();
  else ctx.body = file.createReadStream();
}

async function known(pool: Pool, id: string): Promise<FileRow> {
  const row = await findFile(pool, id);
  if (row === undefined) throw gone();
  return row;
}

function gone(): DeskError {
  return new DeskError('not_found', 'The file is not there, or no longer; ask for the attachment to see.');
}

function invalidLink(): DeskError {
  const detail = 'The link was not made by this desk for this request, was changed, or has ended; ask for a new one.';
  return new DeskError('invalid_link', detail);
}

function refusalOf(stored: Exclude<Stored, 'stored'>, size: number): DeskError {
  switch (stored) {
    case 'exists':
      return new DeskError('already_uploaded', 'The file was uploaded before; announce another one for other content.');
    case 'long':
      return new DeskError('body_too_large', `The file was announced with ${size} bytes, and more came.`);
    case 'short':
      return new DeskError(
        'upload_incomplete',
        `The file was announced with ${size} bytes, and fewer came; send it whole.`,
      );
  }
}
