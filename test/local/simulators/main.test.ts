import { fork, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { z } from 'zod';
import { send, startReceivingDesk } from './receiving-desk.ts';

const program = fileURLToPath(new URL('../../../local/simulators/main.ts', import.meta.url));
const deskUrl = 'http://127.0.0.1:1';
const settings = {
  front: { deskUrl, apiToken: 'token', appSigningKey: 'key', ruleSecret: 'secret' },
  slack: { deskUrl, botToken: 'xoxb', signingSecret: 'secret' },
  openai: { apiKey: 'sk' },
  pagerduty: { deskUrl, apiToken: 'token', routingKey: 'key', webhookSecret: 'secret' },
  quimbi: { apiKey: 'qpk' },
};
const readySchema = z.object({
  ready: z.literal(true),
  urls: z.object({ front: z.url(), slack: z.url(), openai: z.url(), pagerduty: z.url(), quimbi: z.url() }),
});

async function start() {
  const child = fork(program, [JSON.stringify(settings)]);
  const [message] = await once(child, 'message');
  return { child, urls: readySchema.parse(message).urls };
}

test('the process runs them all, takes a new desk by message, and ends on SIGTERM', async () => {
  const desk = await startReceivingDesk();
  const { child, urls } = await start();
  for (const url of Object.values(urls))
    expect(await send('GET', `${url}/_sim/calls`)).toMatchObject({ body: { calls: [] } });
  child.send({ deskUrl: desk.url });
  const event = () => send('POST', `${urls.front}/_sim/events`, {});
  await expect.poll(event, { interval: 5 }).toMatchObject({ body: { status: 200 } });
  const exit = once(child, 'exit');
  child.kill('SIGTERM');
  expect(await exit).toEqual([0, null]);
  await desk.close();
});

test('the process ends when its parent is gone', async () => {
  const { child } = await start();
  const exit = once(child, 'exit');
  child.disconnect();
  expect(await exit).toEqual([0, null]);
});

test('wrong settings end it with a sentence and status 1', () => {
  const ended = spawnSync(process.execPath, [program, '{"front": {}}'], { encoding: 'utf8' });
  expect(ended.status).toBe(1);
  expect(ended.stderr).toContain('The simulators need their settings as JSON in the first argument');
});
