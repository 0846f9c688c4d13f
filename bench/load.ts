/**
 * Load from this process: so many calls at once, and an HTTP client that costs next to nothing, because on two cores a
 * dear client would be most of what is measured.
 */
import { connect, type Socket } from 'node:net';

/** How many calls are under way at once, for the desk and for the bare thing alike. */
export const AT_ONCE = 32;

/** Calls `one` for 0 … `count` − 1, {@link AT_ONCE} at a time; answers how many seconds it took. */
export async function together(count: number, one: (index: number) => Promise<unknown>): Promise<number> {
  let next = 0;
  const started = performance.now();
  const line = async () => {
    while (next < count) await one(next++);
  };
  await Promise.all(Array.from({ length: AT_ONCE }, line));
  return (performance.now() - started) / 1000;
}

/** Calls `one` for 0 … `count` − 1, one after the other; answers each call's milliseconds, smallest first. */
export async function inTurn(count: number, one: (index: number) => Promise<unknown>): Promise<number[]> {
  const times: number[] = [];
  for (let index = 0; index < count; index += 1) {
    const started = performance.now();
    await one(index);
    times.push(performance.now() - started);
  }
  return times.sort((a, b) => a - b);
}

/** The middle of some numbers. */
export function median(numbers: readonly number[]): number {
  return numbers.toSorted((a, b) => a - b)[Math.floor(numbers.length / 2)] ?? Number.NaN;
}

/** An HTTP request as the bytes that go over the wire. */
export function requestBytes(path: string, headers: Record<string, string>, body: string): Buffer {
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}`);
  const length = `content-length: ${Buffer.byteLength(body)}`;
  return Buffer.from([`POST ${path} HTTP/1.1`, 'host: 127.0.0.1', length, ...lines, '', body].join('\r\n'));
}

/**
 * Sends each of `requests` once over `connections` connections, one at a time on each; answers the seconds that all took
 * and the milliseconds of each, and throws unless every answer is 200.
 */
export async function blast(port: number, requests: readonly Buffer[], connections: number) {
  const sockets = await Promise.all(Array.from({ length: connections }, () => open(port)));
  const times: number[] = [];
  let next = 0;
  const started = performance.now();
  await Promise.all(
    sockets.map(async (socket) => {
      for (let request = requests[next++]; request !== undefined; request = requests[next++]) {
        const sent = performance.now();
        await exchange(socket, request);
        times.push(performance.now() - sent);
      }
    }),
  );
  const seconds = (performance.now() - started) / 1000;
  sockets.forEach((socket) => socket.destroy());
  return { seconds, times: times.sort((a, b) => a - b) };
}

function open(port: number): Promise<Socket> {
  const { promise, resolve, reject } = Promise.withResolvers<Socket>();
  const socket = connect(port, '127.0.0.1', () => resolve(socket));
  socket.setNoDelay(true).once('error', reject);
  return promise;
}

/** One request, one answer; answers of this API are small and come with their length. */
function exchange(socket: Socket, request: Buffer): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let answer = '';
  const take = (chunk: Buffer) => {
    answer += chunk.toString('latin1');
    const end = answer.indexOf('\r\n\r\n');
    if (end < 0) return;
    const length = Number(/content-length: (\d+)/i.exec(answer)?.[1]);
    if (answer.length < end + 4 + length) return;
    socket.off('data', take);
    if (answer.startsWith('HTTP/1.1 200 ')) resolve();
    else reject(new Error(`Answered: ${answer.slice(0, 200)}`));
  };
  socket.on('data', take);
  socket.write(request);
  return promise;
}
