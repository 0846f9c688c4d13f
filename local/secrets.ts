/**
 * The secrets of a local desk: made at its first start, kept in `secrets.json` (mode 0600) until `--reset`.
 *
 * The vendors' ones are those of simulators, made up for this folder. Whatever else the file holds, such as the seed's logins,
 * is kept. Does not promise secrecy from the user who runs the desk, or from root.
 */
import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { isDeepStrictEqual } from 'node:util';
import { z } from 'zod';
import { readPrivateText, writePrivateJson } from './private-file.ts';

export const SECRETS_FILE = 'secrets.json';

const word = () =>
  z
    .string()
    .min(16)
    .default(() => randomBytes(24).toString('base64url'));

const secretsSchema = z.looseObject({
  appSecret: word(),
  frontApiToken: word(),
  frontAppSigningKey: word(),
  frontRuleSecret: word(),
  slackBotToken: z
    .string()
    .min(16)
    .default(() => `xoxb-${randomBytes(24).toString('hex')}`),
  slackSigningSecret: word(),
  openaiApiKey: z
    .string()
    .min(16)
    .default(() => `sk-${randomBytes(24).toString('hex')}`),
  pagerdutyApiToken: word(),
  pagerdutyRoutingKey: word(),
  pagerdutyWebhookSecret: word(),
  quimbiApiKey: word(),
});

export type Secrets = z.infer<typeof secretsSchema>;

/** Reads the secrets of the folder, after making those that are missing. */
export async function openSecrets(dataDir: string): Promise<Secrets> {
  const file = join(dataDir, SECRETS_FILE);
  const text = (await readPrivateText(file)) ?? '{}';
  const secrets = parse(text, file);
  if (!isDeepStrictEqual(secrets, JSON.parse(text))) writePrivateJson(file, secrets);
  return secrets;
}

function parse(text: string, file: string): Secrets {
  const fix = 'put its backup back, or start over with "npm start -- --reset", which deletes this desk and its data';
  try {
    return secretsSchema.parse(JSON.parse(text));
  } catch (error) {
    throw new Error(`${file} is not what a desk wrote: ${fix}.`, { cause: error });
  }
}
