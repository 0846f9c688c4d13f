/**
 * Secrets that the desk gives out: random, shown once, and kept as SHA-256 alone. A fast hash is enough, because nobody
 * guesses 256 bits; passwords are another matter, and passwords.ts is theirs.
 */
import { createHash, randomBytes } from 'node:crypto';

const BYTES = 32;

/** A new secret: 43 letters of base64url. */
export function newSecret(): string {
  return randomBytes(BYTES).toString('base64url');
}

/** What is kept of a secret: SHA-256, in hex. */
export function hashOfSecret(secret: string): string {
  return createHash('sha256').update(secret).digest('hex');
}
