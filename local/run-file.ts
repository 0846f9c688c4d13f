/**
 * `run.json`: where a running desk is and how to log in, for scripts outside this repository (docs: "The running desk").
 *
 * It exists while the desk is ready and is removed at its end; a killed launcher leaves it behind until the next start. Its
 * names are promises. The mode is 0600, because it holds secrets.
 */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { readPrivateText, writePrivateJson } from './private-file.ts';

type Login = { readonly role: string; readonly email: string; readonly password: string };

export type RunFile = {
  readonly api: string;
  readonly temporal: string;
  readonly temporalUi: string;
  readonly namespace: string;
  /** The database's URL, with its password. */
  readonly postgres: string;
  readonly simulators: Readonly<Record<string, string>>;
  readonly logins: readonly Login[];
  readonly apiKey: string;
  readonly secrets: Readonly<Record<string, string>>;
  readonly pids: Readonly<Record<string, number>>;
};

const FILE = 'run.json';
const addressSchema = z.object({ api: z.string(), postgres: z.string() });

/** Says that the desk is ready, or that something about it changed. */
export function writeRunFile(dataDir: string, content: RunFile): void {
  writePrivateJson(join(dataDir, FILE), content);
}

/** Says that no desk is ready on this folder. */
export async function removeRunFile(dataDir: string): Promise<void> {
  await rm(join(dataDir, FILE), { force: true });
}

/** The API's address, and the database's, of the desk that runs on the folder; undefined when it is not ready yet. */
export async function runningDesk(dataDir: string): Promise<{ api: string; postgres: string } | undefined> {
  const text = await readPrivateText(join(dataDir, FILE));
  if (text === undefined) return undefined;
  return addressSchema.safeParse(JSON.parse(text)).data;
}
