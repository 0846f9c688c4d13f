/** What OpenAPI tells of `POST /slack/events`; the work is in slack.ts. */
import { z } from 'zod';
import { nothing, type RouteDescription } from './route.ts';

export const slackEvents: RouteDescription = {
  method: 'post',
  path: '/slack/events',
  permission: 'public',
  summary: "Take Slack's events and clicks, signed by Slack; only where Slack is connected",
  params: nothing,
  query: nothing,
  body: z.looseObject({}),
  rawBody: true,
  answer: { status: 200, description: 'Stored, now or before.', schema: z.unknown() },
  errors: ['invalid_signature', 'invalid_json', 'body_too_large', 'not_found', 'database_unavailable'],
};
