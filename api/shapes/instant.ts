/** Instants as the API writes them: ISO 8601 in UTC. */
import { z } from 'zod';

export const instantSchema = z.iso.datetime();

/** Milliseconds since 1970 as an instant; null stays null. */
export function instant(ms: number): string;
export function instant(ms: number | null): string | null;
export function instant(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString();
}
