/**
 * The process that runs the simulators: `node local/simulators/main.ts '{"front": {…}, "slack": {…}, "openai": {…}, "pagerduty": {…}, "quimbi": {…}}'`.
 *
 * Tells its parent `{ready: true, urls: {front, slack, openai, pagerduty, quimbi}}` over IPC, takes `{deskUrl}` from it, and ends on SIGTERM,
 * SIGINT, or when the parent is gone. The secrets on its command line are those of simulated vendors, made up for one
 * machine: it must not be given real ones. Does not promise to survive a parent that died.
 */
import { z } from 'zod';
import { startFrontSimulator } from './front.ts';
import { startOpenaiSimulator } from './openai.ts';
import { startPagerdutySimulator } from './pagerduty.ts';
import { startQuimbiSimulator } from './quimbi.ts';
import { startSlackSimulator } from './slack.ts';

const port = z.int().min(0).max(65535).default(0);
const deskUrl = z.url();
const settingsSchema = z.strictObject({
  front: z.strictObject({ port, deskUrl, apiToken: z.string(), appSigningKey: z.string(), ruleSecret: z.string() }),
  slack: z.strictObject({ port, deskUrl, botToken: z.string(), signingSecret: z.string() }),
  openai: z.strictObject({ port, apiKey: z.string() }),
  pagerduty: z.strictObject({
    port,
    deskUrl,
    apiToken: z.string(),
    routingKey: z.string(),
    webhookSecret: z.string(),
  }),
  quimbi: z.strictObject({ port, apiKey: z.string() }),
});
const orderSchema = z.strictObject({ deskUrl });

async function main(): Promise<void> {
  const { promise: ended, resolve: end } = Promise.withResolvers<void>();
  for (const signal of ['SIGTERM', 'SIGINT', 'disconnect']) process.once(signal, () => end());
  const settings = readSettings(process.argv[2]);
  const front = await startFrontSimulator(settings.front);
  const slack = await startSlackSimulator(settings.slack);
  const openai = await startOpenaiSimulator(settings.openai);
  const pagerduty = await startPagerdutySimulator(settings.pagerduty);
  const quimbi = await startQuimbiSimulator(settings.quimbi);
  process.on('message', (message) => {
    const order = orderSchema.safeParse(message);
    if (!order.success) return;
    for (const simulator of [front, slack, pagerduty]) simulator.setDeskUrl(order.data.deskUrl);
  });
  const urls = {
    front: front.url,
    slack: slack.url,
    openai: openai.url,
    pagerduty: pagerduty.url,
    quimbi: quimbi.url,
  };
  process.send?.({ ready: true, urls });
  await ended;
  await Promise.all([front, slack, openai, pagerduty, quimbi].map((simulator) => simulator.close()));
}

function readSettings(text = ''): z.infer<typeof settingsSchema> {
  const usage = 'The simulators need their settings as JSON in the first argument';
  let given: unknown;
  try {
    given = JSON.parse(text);
  } catch {
    throw new Error(`${usage}, and it is not JSON.`);
  }
  const parsed = settingsSchema.safeParse(given);
  if (parsed.success) return parsed.data;
  const wrong = parsed.error.issues.map(({ path, message }) => `${path.join('.')}: ${message}`);
  throw new Error(`${usage}, and these are wrong: ${wrong.join('; ')}.`);
}

try {
  await main();
  process.exit(0);
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exit(1);
}
