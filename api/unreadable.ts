/** Answers what Node's parser could not read as HTTP, or did not get in time: problem+json, and the connection ends. */
import { STATUS_CODES } from 'node:http';
import type { Socket } from 'node:net';
import { type ErrorCode, ERRORS } from '../domain/errors.ts';

const DETAILS = {
  headers_too_large: 'The request line and the headers have more than 16 KiB together; send fewer or shorter ones.',
  request_timeout: 'The request did not arrive in time; send it again, over a faster line.',
  invalid_http: 'The request is not HTTP/1.1 as RFC 9112 writes it; check its lines, its headers and its length.',
} satisfies Partial<Record<ErrorCode, string>>;

/** Answers on `socket` what `error` says of its request, as far as the other side still listens. */
export function answerUnreadable(
  error: Error & { code?: string },
  socket: Pick<Socket, 'writable' | 'end' | 'destroy'>,
): void {
  if (!socket.writable || error.code === 'ECONNRESET') {
    socket.destroy();
    return;
  }
  const code = faultOf(error.code);
  const { status, title } = ERRORS[code];
  const type = `https://holdfast.dev/errors/${code}`;
  const body = JSON.stringify({ type, title, status, detail: DETAILS[code], code, instance: '' });
  const head = [
    `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}`,
    'Connection: close',
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
  ];
  socket.end(`${head.join('\r\n')}\r\n\r\n${body}`);
}

function faultOf(code: string | undefined): keyof typeof DETAILS {
  if (code === 'HPE_HEADER_OVERFLOW') return 'headers_too_large';
  return code === 'ERR_HTTP_REQUEST_TIMEOUT' ? 'request_timeout' : 'invalid_http';
}
