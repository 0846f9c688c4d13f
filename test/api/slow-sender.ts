/** Senders of requests that take their time. */
import { type ClientRequest, request as httpRequest } from 'node:http';
import type { Strain } from '../../api/load.ts';
import type { TestApi } from './support.ts';

/** A process that feels nothing. */
export function calm(): Strain {
  return { heapShare: 0, loopDelayMs: 0 };
}

export interface SlowSender {
  write(bytes: number, then?: () => void): void;
  /** The status; `reset` when the connection ended before it could be read; null before either. */
  answer(): number | 'reset' | null;
  closed(): boolean;
  leave(): void;
}

/** Announces a body of `bytes` and sends as much as it is told. */
export function slowSender(api: TestApi, key: string, bytes: number): SlowSender {
  const headers = { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json', 'Content-Length': bytes };
  return sender(httpRequest(`${api.url}/api/v1/tickets`, { method: 'POST', headers, agent: false }));
}

/** Announces an event of Front's. */
export function slowDelivery(api: TestApi): SlowSender {
  return sender(
    httpRequest(`${api.url}/webhooks/front`, { method: 'POST', headers: { 'Content-Length': 100 }, agent: false }),
  );
}

function sender(request: ClientRequest): SlowSender {
  let answer: number | 'reset' | null = null;
  let closed = false;
  request.on('response', (response) => {
    answer = response.statusCode ?? null;
    response.resume();
  });
  request.on('error', () => {
    answer ??= 'reset';
  });
  request.on('close', () => {
    closed = true;
  });
  request.flushHeaders();
  return {
    write: (bytes, then) => void request.write('x'.repeat(bytes), () => then?.()),
    answer: () => answer,
    closed: () => closed,
    leave: () => request.destroy(),
  };
}
