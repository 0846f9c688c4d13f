/**
 * What `POST /_sim/events` of the Slack simulator takes, one schema per kind of thing that a person does in Slack.
 *
 * Does not promise that what is asked for exists: whether a message or view is there is looked up when the webhook is built.
 */
import { z } from 'zod';
import { deliveryFields } from './delivery.ts';

const userSchema = z
  .strictObject({ id: z.string().regex(/^[UW][A-Z0-9]+$/), username: z.string(), name: z.string() })
  .default({ id: 'U0AGENT', username: 'agent', name: 'An Agent' });
const who = { user: userSchema, triggerId: z.string().min(1).optional() };
const sending = {
  retryNum: z.int().min(1).optional(),
  retryReason: z.string().default('http_timeout'),
  ...deliveryFields,
};
/** Where things happen unless told otherwise. */
export const defaultChannel = 'C0HOLDFAST';

export type ActionWish = z.infer<typeof actionSchema>;
export type ViewWish = z.infer<typeof viewSchema>;
export type CommandWish = z.infer<typeof commandSchema>;
export type EventWish = z.infer<typeof eventSchema>;

const actionSchema = z.strictObject({
  kind: z.literal('action'),
  actionId: z.string().min(1),
  value: z.string().optional(),
  messageTs: z.string().optional(),
  channel: z.string().optional(),
  actionTs: z.string().optional(),
  ...who,
  ...sending,
});
const viewSchema = z.strictObject({
  kind: z.literal('view'),
  viewId: z.string().optional(),
  values: z.record(z.string(), z.record(z.string(), z.unknown())).default({}),
  ...who,
  ...sending,
});
const commandSchema = z.strictObject({
  kind: z.literal('command'),
  command: z.string().startsWith('/').default('/ticket'),
  text: z.string().default(''),
  channel: z.string().default(defaultChannel),
  ...who,
  ...sending,
});
const eventSchema = z.strictObject({
  kind: z.literal('event'),
  event: z.looseObject({ type: z.string().min(1) }),
  eventId: z.string().min(1).optional(),
  ...sending,
});

/** A click, a submitted view, a command, or any event of the Events API. */
export const slackEventSchema = z.discriminatedUnion('kind', [actionSchema, viewSchema, commandSchema, eventSchema]);
export type SlackWish = z.infer<typeof slackEventSchema>;
