/** Words that people send. What PostgreSQL cannot keep, NUL and halves of a character, is refused here and not there. */
import { z } from 'zod';

/** A text of 1 to `most` characters that is more than blanks. */
export function words(most: number) {
  return z
    .string()
    .min(1)
    .max(most)
    .refine(isKeepable, { error: 'must not hold the character NUL, nor half a character' })
    .refine((text) => text.trim() !== '', { error: 'must hold more than blanks' });
}

/** Whether PostgreSQL can keep the text as it is, also inside of JSON. */
export function isKeepable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed();
}
