/**
 * A file that only its owner may read, written whole or not at all: a reader sees the old content or the new one.
 *
 * Writing is synchronous, so that writes cannot overtake each other, and so that a launcher that is killed has told what it knew. Does not
 * promise to survive a power cut, because nothing is forced to the disk.
 */
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { readFile } from 'node:fs/promises';

/** Replaces the content of `file` by `content` as JSON. */
export function writePrivateJson(file: string, content: unknown): void {
  const unfinished = `${file}.new`;
  // An old one may have come from a killed writer with another mode, which writing would keep.
  rmSync(unfinished, { force: true });
  writeFileSync(unfinished, `${JSON.stringify(content, null, 2)}\n`, { mode: 0o600 });
  renameSync(unfinished, file);
}

/** The text of `file`; undefined where there is no such file. Throws when it is there and cannot be read. */
export async function readPrivateText(file: string): Promise<string | undefined> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
}
