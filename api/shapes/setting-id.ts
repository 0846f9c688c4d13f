/** How a setting is named. */
import { z } from 'zod';

/** A slug, such as `lost-parcel`. */
export const settingId = z
  .string()
  .regex(/^[a-z0-9][a-z0-9-]{0,59}$/, { error: 'must be small letters, digits and dashes, such as lost-parcel' })
  .meta({ example: 'lost-parcel' });
