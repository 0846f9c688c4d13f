/**
 * Writes a file that only its owner may read, whole or not at all: a reader sees the old content or the new one.
 *
 * Synchronous, so that writes cannot overtake each other, and so that a launcher that is killed has told what it knew. Does not
 * promise to survive a power cut, because nothing is forced to the disk.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';

/** Replaces the content of `file` by `content` as JSON. */
export function writePrivateJson(file: string, content: unknown): void {
  const unfinished = `${file}.new`;
  // An old one may have come from a killed writer with another mode, which writing would keep.
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}
