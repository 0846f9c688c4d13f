/**
 * Access tokens: of fifteen minutes, signed with the desk's secret, HS256 and nothing else.
 *
 * A token says who somebody is and in which session, never what he may do: whether the session lasts, and the role, are
 * read from their rows at each request. Does not promise anything of itself, therefore, once its session has ended.
 */
import { errors, jwtVerify, SignJWT } from 'jose';

const ALGORITHM = 'HS256';
const ISSUER = 'holdfast';
const AUDIENCE = 'holdfast-api';
const LIFETIME_MS = 15 * 60 * 1000;

/** Whose token it is, and of which session; ids as the token has them. */
interface Bearer {
  userId: string;
  sessionId: string;
}

export interface Tokens {
  /** A token for the user's session, and when it ends (milliseconds since 1970). */
  issue(bearer: Bearer): Promise<{ token: string; expiresAt: number }>;
  /** What the token says, and when it ends; null for one that is not ours, was changed, or has ended. */
  read(token: string): Promise<(Bearer & { expiresAt: number }) | null>;
}

/** Issues and reads tokens signed with `secret`; `now` is in milliseconds since 1970. */
export function createTokens(secret: string, now: () => number): Tokens {
  const key = new TextEncoder().encode(secret);
  return {
    async issue({ userId, sessionId }) {
      const issuedAt = Math.floor(now() / 1000);
      const expiresAt = issuedAt + LIFETIME_MS / 1000;
      const token = await new SignJWT({ sid: sessionId })
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
          requiredClaims: ['sub', 'sid', 'exp'],
          currentDate: new Date(now()),
        });
        const { sub, sid, exp } = payload;
        if (sub === undefined || typeof sid !== 'string' || exp === undefined) return null;
        return { userId: sub, sessionId: sid, expiresAt: exp * 1000 };
      } catch (error) {
        // Every way in which a token can be wrong is the same answer to the caller; anything else is a fault of ours.
        if (error instanceof errors.JOSEError) return null;
        throw error;
      }
    },
  };
}
