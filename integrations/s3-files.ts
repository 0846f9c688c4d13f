/**
 * Files in a bucket of S3's kind. Uploads and downloads go straight between caller and bucket by presigned links; an
 * upload's link binds the size, and `If-None-Match: *` keeps it from writing over a file whose kind was looked at before.
 *
 * Does not promise that of a store that ignores `If-None-Match`, as very old ones do. Sets no lifetime and no rights of the
 * bucket: keep it private, and let browsers' PUT through by its CORS rules.
 */
import {
  DeleteObjectCommand,
  GetObjectCommand,
  HeadObjectCommand,
  NotFound,
  PutObjectCommand,
  S3Client,
} from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { DeskError } from '../domain/errors.ts';
import { savedAs } from './file-name-header.ts';
import type { Files } from './files.ts';
import { DOWNLOAD_LINK_MS, UPLOAD_LINK_MS } from './file-links.ts';
import { vendorCall } from './vendor-call.ts';

export interface S3Config {
  bucket: string;
  region: string;
  /** Of a store that is not Amazon's; undefined for Amazon's. */
  endpoint: string | undefined;
  accessKeyId: string;
  secretAccessKey: string;
}

const CONNECT_MS = 5_000;
const ANSWER_MS = 20_000;

/** What a PUT must carry as headers, and what is signed with them. */
const BOUND = new Set(['content-length', 'if-none-match']);

/** Files in the bucket, under `attachments/`; `now` is in milliseconds since 1970. */
export function createS3Files(config: S3Config, now: () => number): Files {
  const { bucket, region, endpoint, accessKeyId, secretAccessKey } = config;
  const client = new S3Client({
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Stores that are not Amazon's have no name of their own for each bucket.
    ...(endpoint !== undefined && { endpoint, forcePathStyle: true }),
    requestHandler: { connectionTimeout: CONNECT_MS, requestTimeout: ANSWER_MS },
    requestChecksumCalculation: 'WHEN_REQUIRED',
    responseChecksumValidation: 'WHEN_REQUIRED',
  });
  const at = (id: string) => ({ Bucket: bucket, Key: `attachments/${id}` });
  return {
    async uploadLink({ id, size }) {
      const expiresAt = now() + UPLOAD_LINK_MS;
      const put = new PutObjectCommand({ ...at(id), ContentLength: size, IfNoneMatch: '*' });
      const signing = { expiresIn: UPLOAD_LINK_MS / 1000, unhoistableHeaders: BOUND, signableHeaders: BOUND };
      return { url: await getSignedUrl(client, put, signing), headers: { 'If-None-Match': '*' }, expiresAt };
    },
    async downloadLink({ id, name, type }) {
      const expiresAt = now() + DOWNLOAD_LINK_MS;
      const get = new GetObjectCommand({
        ...at(id),
        ResponseContentDisposition: savedAs(name),
        ResponseContentType: type,
        ResponseCacheControl: 'private, no-store',
      });
      return { url: await getSignedUrl(client, get, { expiresIn: DOWNLOAD_LINK_MS / 1000 }), headers: {}, expiresAt };
    },
    async sizeOf(id) {
      const head = await reached('head', async () => {
        try {
          return await client.send(new HeadObjectCommand(at(id)));
        } catch (error) {
          if (error instanceof NotFound) return null;
          throw error;
        }
      });
      return head?.ContentLength ?? null;
    },
    async head(id, bytes) {
      return Buffer.from(await read(id, `bytes=0-${bytes - 1}`));
    },
    async blob(id, type) {
      return new Blob([await read(id)], { type });
    },
    async remove(id) {
      await reached('remove', () => client.send(new DeleteObjectCommand(at(id))));
    },
  };

  async function read(id: string, range?: string): Promise<Uint8Array<ArrayBuffer>> {
    const get = new GetObjectCommand({ ...at(id), ...(range && { Range: range }) });
    const { Body: body } = await reached('read', () => client.send(get));
    if (body === undefined) throw new Error(`The bucket answered without a body for the file ${id}.`);
    return new Uint8Array(await body.transformToByteArray());
  }
}

/** The bucket's answer; whatever it refused, or did not answer, may be otherwise later. */
async function reached<T>(operation: 'head' | 'read' | 'remove', ask: () => Promise<T>): Promise<T> {
  try {
    return await vendorCall({ vendor: 's3', operation }, ask);
  } catch (cause) {
    const detail = 'The bucket of the files refused, or did not answer; the log tells why. Try again in a moment.';
    throw new DeskError('files_unavailable', detail, { cause });
  }
}
