/**
 * The port to where files lie: on the local disk, or in a bucket of S3's kind. Whoever uploads or downloads does so by a
 * signed link that ends, so that the bytes need not pass through a route.
 *
 * Does not promise what is in a file, nor who may see it: whoever asks for a link has answered that before.
 */
import type { Attachment } from '../domain/attachment.ts';
import { createLocalFiles, type LocalFiles } from './local-files.ts';
import type { S3Config } from './s3-files.ts';

/** For one request, until `expiresAt` (milliseconds since 1970). */
export interface FileLink {
  url: string;
  /** What the request must carry. */
  headers: Readonly<Record<string, string>>;
  expiresAt: number;
}

export interface Files {
  /** Where a PUT of exactly `size` bytes makes the file `id`, once. `origin` is the desk's, as the caller knows it. */
  uploadLink(file: { id: string; size: number }, origin: string): Promise<FileLink>;
  /** Where a GET answers the file, to be saved and not shown. */
  downloadLink(file: Attachment, origin: string): Promise<FileLink>;
  /** In bytes; null where there is no such file. */
  sizeOf(id: string): Promise<number | null>;
  /** The first `bytes` bytes, or fewer where the file has fewer; throws where there is no such file. */
  head(id: string, bytes: number): Promise<Buffer>;
  /** The file whole, of the given type; throws where there is no such file. */
  blob(id: string, type: string): Promise<Blob>;
  /** Removes the file; one that is not there is removed already. */
  remove(id: string): Promise<void>;
}

export interface FilesConfig {
  /** The folder of the files where there is no bucket. */
  directory: string;
  /** Signs the links to the local disk. */
  secret: string;
  s3: S3Config | undefined;
}

export interface OpenedFiles {
  files: Files;
  local: LocalFiles | null;
}

/**
 * The files of a desk; `local` serves the links to the local disk, and is null where there is a bucket.
 *
 * @example const { files, local } = await openFiles({ directory: '/data/files', secret, s3: undefined });
 */
export async function openFiles(config: FilesConfig, now: () => number = Date.now): Promise<OpenedFiles> {
  const { directory, secret, s3 } = config;
  if (s3 !== undefined) {
    // Amazon's client is large, and most desks have no bucket.
    const { createS3Files } = await import('./s3-files.ts');
    return { files: createS3Files(s3, now), local: null };
  }
  const local = createLocalFiles({ directory, secret, now });
  return { files: local, local };
}
