/**
 * The sample's way to the desk: HTTP, signed in as one of its people.
 *
 * A desk that is too busy is asked again with the same Idempotency-Key, three times. Does not promise more patience.
 */
import { setTimeout as wait } from 'node:timers/promises';
import { z } from 'zod';

/** An answer that is not 2xx; `status` is HTTP's. */
export class Refused extends Error {
  readonly status: number;
  constructor(method: string, url: string, status: number, detail: string) {
    super(`${method} ${new URL(url).pathname} answered ${status}${detail === '' ? '.' : `: ${detail}`}`);
    this.status = status;
  }
}

export interface Session {
  userId: string;
  /** The JSON of the answer; throws {@link Refused}. `key` names the command, so that it is taken once. */
  ask: (method: string, path: string, body?: object, key?: string) => Promise<unknown>;
}

const loginSchema = z.object({ accessToken: z.string(), user: z.object({ id: z.string() }) });
const problemSchema = z.object({ detail: z.string() });

const TRIES = 3;
const PAUSE_MS = 1_000;

/** Signs in as a person of the desk at `api`. */
export async function signIn(api: string, login: { email: string; password: string }): Promise<Session> {
  const { email, password } = login;
  const answer = loginSchema.parse(await call(`${api}/api/v1/auth/login`, 'POST', { email, password }));
  return { userId: answer.user.id, ask: askAs(api, answer.accessToken) };
}

/** A session with an API key of the desk, as nobody in particular. */
export function withKey(api: string, apiKey: string): Omit<Session, 'userId'> {
  return { ask: askAs(api, apiKey) };
}

function askAs(api: string, token: string): Session['ask'] {
  return async (method, path, body, key) => {
    const headers = { Authorization: `Bearer ${token}`, ...(key !== undefined && { 'Idempotency-Key': key }) };
    for (let tried = 1; ; tried += 1) {
      try {
        return await call(`${api}${path}`, method, body, headers);
      } catch (error) {
        if (!(error instanceof Refused) || error.status !== 503 || tried === TRIES) throw error;
        await wait(PAUSE_MS);
      }
    }
  };
}

/** Calls `url` with JSON and answers its JSON; throws {@link Refused} when the answer is not 2xx. */
export async function call(
  url: string,
  method: string,
  body?: object,
  headers: Record<string, string> = {},
): Promise<unknown> {
  const response = await fetch(url, {
    method,
    headers: { ...headers, ...(body !== undefined && { 'Content-Type': 'application/json' }) },
    ...(body !== undefined && { body: JSON.stringify(body) }),
  });
  const text = await response.text();
  const answer: unknown = text === '' ? null : JSON.parse(text);
  if (response.ok) return answer;
  throw new Refused(method, url, response.status, problemSchema.safeParse(answer).data?.detail ?? '');
}
