/**
 * The bytes of a request's body: bounded in number and in time, and counted while they come.
 *
 * A body that is refused half-way is left where it stands; whoever answers lets the rest run out or closes the connection.
 */
import type { IncomingMessage } from 'node:http';
import { DeskError } from '../domain/errors.ts';

export interface BodyBounds {
  mostBytes: number;
  /** How long the whole body may take. */
  patienceMs: number;
  /** Counts bytes before they are kept; may throw. */
  hold?: ((bytes: number) => void) | undefined;
}

/**
 * Reads a body whole; throws `body_too_large`, however its length was announced, `request_timeout`, what `hold` throws,
 * or `invalid_json` when the sender went away.
 */
export function readBytes(request: IncomingMessage, { mostBytes, patienceMs, hold }: BodyBounds): Promise<Buffer> {
  const { promise, resolve, reject } = Promise.withResolvers<Buffer>();
  const chunks: Buffer[] = [];
  let size = 0;
  const patience = setTimeout(() => fail(tooSlow(patienceMs)), patienceMs);

  function take(chunk: Buffer): void {
    size += chunk.length;
    if (size > mostBytes) {
      fail(tooLarge(mostBytes));
      return;
    }
    try {
      hold?.(chunk.length);
      chunks.push(chunk);
    } catch (error) {
      fail(error);
    }
  }

  function end(): void {
    leave();
    resolve(Buffer.concat(chunks, size));
  }

  function cut(cause?: unknown): void {
    fail(new DeskError('invalid_json', 'The body did not arrive whole; send it again.', { cause }));
  }

  function fail(error: unknown): void {
    leave();
    request.pause();
    reject(error);
  }

  function leave(): void {
    clearTimeout(patience);
    request.off('data', take).off('end', end).off('error', cut).off('close', cut);
  }

  if (Number(request.headers['content-length'] ?? 0) > mostBytes) fail(tooLarge(mostBytes));
  else if (request.destroyed) cut();
  else request.on('data', take).on('end', end).on('error', cut).on('close', cut);
  return promise;
}

function tooLarge(mostBytes: number): DeskError {
  return new DeskError('body_too_large', `The body is larger than ${mostBytes} bytes; send a smaller one.`);
}

function tooSlow(patienceMs: number): DeskError {
  const detail = `The body did not arrive within ${patienceMs / 1000} seconds; send it again, over a faster line.`;
  return new DeskError('request_timeout', detail);
}
