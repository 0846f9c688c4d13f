/** Ports for the servers of tests. */
import { randomInt } from 'node:crypto';
import getPort from 'get-port';

const TRIES = 20;

/**
 * A free port, below those that the system hands to whoever connects: one of its own choice may be somebody's connection by
 * the time that the server listens.
 */
export function freePort(): Promise<number> {
  return getPort({ port: Array.from({ length: TRIES }, () => randomInt(10_000, 32_000)) });
}
