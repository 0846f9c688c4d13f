/**
 * What a simulator was asked, newest last: the memory behind `GET /_sim/calls`.
 *
 * Keeps the newest 10,000 calls. Does not keep secrets: of a credential only its scheme stays.
 */
import type { IncomingHttpHeaders } from 'node:http';

const kept = 10_000;

/** One call of the vendor's API; `status` is null while it is being answered, and 0 when its connection was dropped. */
export type Call = {
  readonly id: number;
  readonly at: string;
  readonly method: string;
  readonly path: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: unknown;
  status: number | null;
};

export class CallLog {
  #calls: Call[] = [];
  #lastId = 0;

  /** Notes a call on its arrival, so that a slow one can be seen while it waits; returns it for its status to be filled in. */
  arrived(method: string, path: string, headers: IncomingHttpHeaders, body: unknown): Call {
    this.#lastId += 1;
    const at = new Date().toISOString();
    const call: Call = {
      id: this.#lastId,
      at,
      method,
      path,
      headers: withoutCredential(headers),
      body: withoutSecret(body),
      status: null,
    };
    this.#calls.push(call);
    if (this.#calls.length > kept) this.#calls.shift();
    return call;
  }

  /** Returns the calls, newest last. */
  list(): readonly Call[] {
    return this.#calls;
  }

  /** Forgets every call; ids go on counting. */
  clear(): void {
    this.#calls = [];
  }
}

function withoutCredential(headers: IncomingHttpHeaders): IncomingHttpHeaders {
  const { authorization, 'x-api-key': key } = headers;
  const [scheme = ''] = (authorization ?? '').split(' ');
  return {
    ...headers,
    ...(authorization !== undefined && { authorization: `${scheme} [redacted]` }),
    ...(key !== undefined && { 'x-api-key': '[redacted]' }),
  };
}

// Slack's clients may carry the token as an argument of the method instead of a header; PagerDuty's events carry their key.
function withoutSecret(body: unknown): unknown {
  if (typeof body !== 'object' || body === null) return body;
  return {
    ...body,
    ...('token' in body && { token: '[redacted]' }),
    ...('routing_key' in body && { routing_key: '[redacted]' }),
  };
}
