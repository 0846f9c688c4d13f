/** What everybody gets who signs in: an access token, a refresh token, and who he is. */
import { v4 as newSessionId } from 'uuid';
import { z } from 'zod';
import { actAs, type AuditActor } from '../db/audit.ts';
import { startSession } from '../db/sessions.ts';
import type { User } from '../db/entities/user.ts';
import { ROLES } from '../domain/permissions.ts';
import { kindOf } from './principal.ts';
import { hashOfSecret, newSecret } from './secrets.ts';
import type { Services } from './services.ts';
import { instant, instantSchema } from './shapes/instant.ts';

export const signedInSchema = z
  .object({
    accessToken: z.string().meta({ description: 'For the Authorization header; it holds for fifteen minutes.' }),
    expiresAt: instantSchema.meta({ description: 'When the access token ends.' }),
    refreshToken: z
      .string()
      .meta({ description: 'For POST /auth/refresh; it holds once, and for 30 days. A second use ends the session.' }),
    user: z
      .object({ id: z.uuid(), email: z.string(), name: z.string(), role: z.enum(ROLES) })
      .meta({ id: 'SignedInUser' }),
  })
  .meta({ id: 'SignedIn' });

export type SignedIn = z.infer<typeof signedInSchema>;

/** The user himself, as the audit log names him. */
export function actingAs({ id, role }: Pick<User, 'id' | 'role'>, requestId: string): AuditActor {
  return { kind: kindOf(role), id, requestId };
}

/**
 * Begins a new session, whichever the request came in with; null when the user was disabled, or got another password, since
 * `passwordHash` was checked.
 */
export async function signIn(
  { orm, tokens }: Services,
  user: User,
  passwordHash: string,
  requestId: string,
): Promise<SignedIn | null> {
  const refreshToken = newSecret();
  const session = { id: newSessionId(), userId: user.id, passwordHash, refreshHash: hashOfSecret(refreshToken) };
  const begun = await orm.em.fork().transactional(async (em) => {
    await actAs(em, actingAs(user, requestId));
    return startSession(em, session);
  });
  return begun ? signedIn(tokens, user, session.id, refreshToken) : null;
}

/** The answer for a session that lasts. */
export async function signedIn(
  tokens: Services['tokens'],
  user: User,
  sessionId: string,
  refreshToken: string,
): Promise<SignedIn> {
  const { id, email, name, role } = user;
  const { token, expiresAt } = await tokens.issue({ userId: id, sessionId });
  return { accessToken: token, expiresAt: instant(expiresAt), refreshToken, user: { id, email, name, role } };
}
