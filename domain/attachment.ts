/** Files that belong to messages: how many, how large, and what they may be called. */

/** Of one file, and of all files of one message together, as mail takes no more. */
export const MOST_FILE_BYTES = 25 * 1024 * 1024;
export const MOST_FILES_A_MESSAGE = 10;

/** A file whose kind was found in its content; `size` is in bytes. */
export interface Attachment {
  id: string;
  name: string;
  type: string;
  size: number;
}

/** What ends a line, hides, or turns the reading direction, so that a name would look like another. */
const UNSEEN = /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu;

/**
 * A file's name without the folders before it and without what cannot be seen; `file` where nothing is left.
 *
 * @example fileName('../../etc/passwd') // 'passwd'
 */
export function fileName(given: string): string {
  const last = given.normalize('NFC').split(/[/\\]/).at(-1) ?? '';
  const seen = last.replaceAll(UNSEEN, '').trim();
  return /^\.*$/.test(seen) ? 'file' : seen;
}
