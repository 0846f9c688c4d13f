/**
 * Signed links to files on the local disk: for one purpose, one file, and a while. HMAC-SHA256 with a key that is made from
 * the desk's secret for this alone.
 *
 * Does not promise that a link is used once: until it ends, whoever has it may use it. An upload is taken once all the same.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';

/** How long a link holds. */
export const UPLOAD_LINK_MS = 15 * 60_000;
export const DOWNLOAD_LINK_MS = 5 * 60_000;

interface LinkedFile {
  purpose: 'upload' | 'download';
  id: string;
  /** Of an upload, how many bytes it must have; 0 for a download. */
  size: number;
}

export interface FileLinks {
  /** The path and query of a link that ends at `expiresAt` (milliseconds since 1970). */
  sign(file: LinkedFile, expiresAt: number): string;
  /** What the query of a link to `id` allows; null when it was not signed by us for this, was changed, or has ended. */
  verify(purpose: LinkedFile['purpose'], id: string, query: Readonly<Record<string, unknown>>): LinkedFile | null;
}

const WHOLE = /^\d{1,16}$/;

/** Links signed with `secret`, judged by the clock `now` (milliseconds since 1970); throws when the secret is empty. */
export function createFileLinks(secret: string, now: () => number): FileLinks {
  if (secret === '') throw new Error('The secret that signs links to files is empty; set APP_SECRET.');
  const key = createHmac('sha256', secret).update('links to files').digest();
  const signatureOf = ({ purpose, id, size }: LinkedFile, expires: string) =>
    createHmac('sha256', key)
      .update(JSON.stringify([purpose, id, size, expires]))
      .digest();
  return {
    sign(file, expiresAt) {
      const expires = `${expiresAt}`;
      const signature = signatureOf(file, expires).toString('base64url');
      const size = file.purpose === 'upload' ? `size=${file.size}&` : '';
      return `/files/${file.id}?${size}expires=${expires}&signature=${signature}`;
    },
    verify(purpose, id, { size = '0', expires, signature, ...others }) {
      if (typeof size !== 'string' || !WHOLE.test(size) || Object.keys(others).length > 0) return null;
      if (typeof expires !== 'string' || !WHOLE.test(expires) || typeof signature !== 'string') return null;
      const file: LinkedFile = { purpose, id, size: Number(size) };
      // Compared as text: decoding base64 would take what is padded or cut for the same.
      const expected = Buffer.from(signatureOf(file, expires).toString('base64url'));
      const given = Buffer.from(signature);
      if (given.length !== expected.length || !timingSafeEqual(given, expected)) return null;
      return Number(expires) > now() ? file : null;
    },
  };
}
