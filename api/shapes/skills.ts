/** Skills, of an agent or asked for by a support type. */
import { z } from 'zod';

const MOST_SKILLS = 30;

export const skillsSchema = z
  .record(
    z.string().regex(/^[a-z0-9][a-z0-9-]{0,39}$/, { error: 'must be named by small letters, digits and dashes' }),
    z.int().min(1).max(5),
  )
  .refine((skills) => Object.keys(skills).length <= MOST_SKILLS, { error: `must be ${MOST_SKILLS} skills at most` })
  .meta({ example: { disputes: 3 } });
