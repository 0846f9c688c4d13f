/** Time zones in requests. */
import { z } from 'zod';
import { offsetsOf } from '../../db/zone-offsets.ts';

/** The name of a time zone that this machine knows. */
export const zoneSchema = z
  .string()
  .max(60)
  .refine(isZone, {
    error: ({ input }) =>
      `names "${String(input)}", which is no time zone; name one of the IANA list, such as Europe/Berlin`,
  })
  .meta({ example: 'Europe/Berlin' });

function isZone(zone: string): boolean {
  try {
    return offsetsOf(zone, 0, 0).length > 0;
  } catch {
    // That it throws is how an unknown zone is told.
    return false;
  }
}
