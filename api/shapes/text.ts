/** Words that people send. PostgreSQL keeps every character but NUL, so that one is refused here and not there. */
import { z } from 'zod';

/** A text of 1 to `most` characters that is more than blanks. */
export function words(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine((text) => !text.includes('\u0000'), { error: 'must not hold the character NUL' })
    .refine((text) => text.trim() !== '', { error: 'must hold more than blanks' });
}
