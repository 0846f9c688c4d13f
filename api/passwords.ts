/**
 * Passwords: argon2id by node:crypto, kept as a PHC string such as `$argon2id$v=19$m=19456,t=2,p=1$salt$tag`.
 *
 * An unknown e-mail address costs the same work as a wrong password, so that timing tells nothing.
 */
import { argon2, type Argon2Parameters, randomBytes, timingSafeEqual } from 'node:crypto';
import { promisify } from 'node:util';

const derive = promisify(argon2);

/** OWASP's Password Storage Cheat Sheet for argon2id: 19 MiB, two passes, one lane. */
const COST = { memory: 19_456, passes: 2, parallelism: 1, tagLength: 32 };
const SALT_BYTES = 16;
const PHC = /^\$argon2id\$v=19\$m=(\d{1,7}),t=(\d{1,3}),p=(\d{1,3})\$([A-Za-z0-9+/]+)\$([A-Za-z0-9+/]+)$/;

/** Hashes a password for users.password_hash. */
export async function hashPassword(password: string): Promise<string> {
  const nonce = randomBytes(SALT_BYTES);
  const tag = await derive('argon2id', { ...COST, message: password, nonce });
  const { memory, passes, parallelism } = COST;
  return `$argon2id$v=19$m=${memory},t=${passes},p=${parallelism}$${unpadded(nonce)}$${unpadded(tag)}`;
}

/** Whether `password` is the one behind `hash`; false, after the same work, when there is no hash. */
export async function verifyPassword(password: string, hash: string | null): Promise<boolean> {
  const stored = hash === null ? null : read(hash);
  const { tag, parameters } = stored ?? nobody;
  const derived = await derive('argon2id', { ...parameters, message: password });
  return timingSafeEqual(derived, tag) && stored !== null;
}

type Stored = { tag: Buffer; parameters: Omit<Argon2Parameters, 'message'> };

const nobody: Stored = {
  tag: Buffer.alloc(COST.tagLength),
  parameters: { ...COST, nonce: randomBytes(SALT_BYTES) },
};

function read(hash: string): Stored | null {
  const [, memory, passes, parallelism, salt, text] = PHC.exec(hash) ?? [];
  if (salt === undefined || text === undefined) return null;
  const tag = Buffer.from(text, 'base64');
  return {
    tag,
    parameters: {
      memory: Number(memory),
      passes: Number(passes),
      parallelism: Number(parallelism),
      tagLength: tag.length,
      nonce: Buffer.from(salt, 'base64'),
    },
  };
}

function unpadded(bytes: Buffer): string {
  return bytes.toString('base64').replace(/=+$/, '');
}
