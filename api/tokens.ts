/**
 * Access tokens: short-lived, signed with the desk's secret, HS256 and nothing else.
 *
 * A token says who somebody is, never what he may do: the role is read from the user's row at each request. Does not
 * promise that a token can be revoked before it ends, except by removing the user.
 */
import { errors, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'HS256';
const ISSUER = 'holdfast';
const AUDIENCE = 'holdfast-api';
const LIFETIME_MS = 8 * 60 * 60 * 1000;

export interface Tokens {
  /** A token for the user, and when it ends (milliseconds since 1970). */
  issue(userId: string): Promise<{ token: string; expiresAt: number }>;
  /** The user id that the token names; null for a token that is not ours, was changed, or has ended. */
  read(token: string): Promise<string | null>;
}

/** Issues and reads tokens signed with `secret`; `now` is in milliseconds since 1970. */
export function createTokens(secret: string, now: () => number): Tokens {
  const key = new TextEncoder().encode(secret);
  return {
    async issue(userId) {
      const issuedAt = Math.floor(now() / 1000);
      const expiresAt = issuedAt + LIFETIME_MS / 1000;
      const token = await new SignJWT()
        .setProtectedHeader({ alg: ALGORITHM, typ: 'at+jwt' })
        .setSubject(userId)
        .setIssuer(ISSUER)
        .setAudience(AUDIENCE)
        .setIssuedAt(issuedAt)
        .setExpirationTime(expiresAt)
        .sign(key);
      return { token, expiresAt: expiresAt * 1000 };
    },
    async read(token) {
      try {
        const { payload } = await jwtVerify(token, key, {
          algorithms: [ALGORITHM],
          issuer: ISSUER,
          audience: AUDIENCE,
          requiredClaims: ['sub', 'exp'],
          currentDate: new Date(now()),
        });
        return payload.sub ?? null;
      } catch (error) {
        // Every way in which a token can be wrong is the same answer to the caller; anything else is a fault of ours.
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
