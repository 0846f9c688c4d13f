/**
 * Files on the local disk, each under its id and never under a name that somebody gave. API and workers see the same
 * folder. A file appears whole or not at all, and is never written over.
 *
 * Does not promise room on the disk, nor a copy: back the folder up with the database.
 */
import { randomUUID } from 'node:crypto';
import { openAsBlob } from 'node:fs';
import { type FileHandle, link, mkdir, open, readdir, rm, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { DeskError } from '../domain/errors.ts';
import { createFileLinks, DOWNLOAD_LINK_MS, type FileLinks, UPLOAD_LINK_MS } from './file-links.ts';
import type { Files } from './files.ts';

/** What became of an upload: `short` and `long` are about its size, which must be the announced one. */
export type Stored = 'stored' | 'exists' | 'short' | 'long';

export interface LocalFiles extends Files {
  links: FileLinks;
  /** Writes what `source` gives as the file `id` of exactly `size` bytes; throws what `source` throws, and keeps nothing. */
  store(file: { id: string; size: number }, source: AsyncIterable<Uint8Array>): Promise<Stored>;
  /** Opens a file for reading; null where there is none. The caller closes it. */
  open(id: string): Promise<FileHandle | null>;
  /** Removes what uploads left behind whose process died more than `ageMs` ago; answers how many. */
  tidy(ageMs: number): Promise<number>;
}

export interface LocalFilesOptions {
  directory: string;
  /** Signs the links. */
  secret: string;
  /** Milliseconds since 1970. */
  now: () => number;
}

const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;
const OURS_ALONE = { file: 0o600, folder: 0o700 } as const;

/** Files under `directory`, which is made when the first one comes. */
export function createLocalFiles({ directory, secret, now }: LocalFilesOptions): LocalFiles {
  const links = createFileLinks(secret, now);
  const incoming = join(directory, 'incoming');
  return {
    links,
    uploadLink({ id, size }, origin) {
      const expiresAt = now() + UPLOAD_LINK_MS;
      const path = links.sign({ purpose: 'upload', id, size }, expiresAt);
      return Promise.resolve({ url: origin + path, headers: {}, expiresAt });
    },
    downloadLink({ id }, origin) {
      const expiresAt = now() + DOWNLOAD_LINK_MS;
      const path = links.sign({ purpose: 'download', id, size: 0 }, expiresAt);
      return Promise.resolve({ url: origin + path, headers: {}, expiresAt });
    },
    async sizeOf(id) {
      const found = await orNull(stat(placeOf(id).path));
      return found?.size ?? null;
    },
    async head(id, bytes) {
      const file = await open(placeOf(id).path);
      try {
        const { buffer, bytesRead } = await file.read(Buffer.alloc(bytes), 0, bytes, 0);
        return buffer.subarray(0, bytesRead);
      } finally {
        await file.close();
      }
    },
    blob: (id, type) => openAsBlob(placeOf(id).path, { type }),
    remove: (id) => rm(placeOf(id).path, { force: true }),
    open: (id) => orNull(open(placeOf(id).path)),
    async store({ id, size }, source) {
      const { folder, path } = placeOf(id);
      await mkdir(incoming, { recursive: true, mode: OURS_ALONE.folder });
      await mkdir(folder, { recursive: true, mode: OURS_ALONE.folder });
      const part = join(incoming, `${id}.${randomUUID()}`);
      const file = await open(part, 'wx', OURS_ALONE.file);
      try {
        const written = await write(file, source, size).catch(roomOr);
        if (written !== size) return written > size ? 'long' : 'short';
        await file.sync();
        // Unlike a rename, a link does not take the place of a file that is there.
        return await link(part, path).then(() => 'stored' as const, existsOr);
      } finally {
        await file.close();
        await rm(part, { force: true });
      }
    },
    async tidy(ageMs) {
      let removed = 0;
      for (const name of (await orNull(readdir(incoming))) ?? []) {
        const part = await orNull(stat(join(incoming, name)));
        if (part === null || part.mtimeMs > Date.now() - ageMs) continue;
        await rm(join(incoming, name), { force: true });
        removed += 1;
      }
      return removed;
    },
  };

  /** Throws unless `id` is one: nothing else becomes a part of a path. */
  function placeOf(id: string) {
    if (!ID.test(id)) throw new Error('A file is named by its id, in small letters, and by nothing else.');
    const folder = join(directory, id.slice(-2));
    return { folder, path: join(folder, id) };
  }
}

/** Writes at most `most` bytes; answers how many came, one chunk beyond `most` at the most. */
async function write(file: FileHandle, source: AsyncIterable<Uint8Array>, most: number): Promise<number> {
  let size = 0;
  for await (const chunk of source) {
    size += chunk.length;
    if (size > most) return size;
    await file.writeFile(chunk);
  }
  return size;
}

async function orNull<T>(found: Promise<T>): Promise<T | null> {
  try {
    return await found;
  } catch (error) {
    if (isCoded(error, 'ENOENT')) return null;
    throw error;
  }
}

function existsOr(error: unknown): 'exists' {
  if (isCoded(error, 'EEXIST')) return 'exists';
  throw error;
}

function roomOr(cause: unknown): never {
  if (!isCoded(cause, 'ENOSPC') && !isCoded(cause, 'EDQUOT')) throw cause;
  throw new DeskError('files_unavailable', 'There is no room for files on the disk; make some, then try again.', {
    cause,
  });
}

function isCoded(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
