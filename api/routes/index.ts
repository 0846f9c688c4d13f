/** Every route of the API, in the order in which the documentation shows them. */
import type { Route, RouteDescription } from '../route.ts';
import { slackEvents } from '../slack-description.ts';
import { frontWebhook } from '../webhooks.ts';
import { loginRoute, meRoute } from './auth.ts';
import { docsRoute, openApiRoute } from './docs.ts';
import { livezRoute, readyzRoute } from './health.ts';
import { getInboxRoute, listInboxRoute } from './inbox.ts';
import { openTicketRoute } from './open-ticket.ts';
import { decideDraftRoute, listDraftsRoute } from './ticket-drafts.ts';
import { getMessageRoute, listMessagesRoute, replyRoute } from './ticket-messages.ts';
import { setStatusRoute } from './ticket-status.ts';
import { timelineRoute } from './ticket-timeline.ts';
import { workflowRoute } from './ticket-workflow.ts';
import { getTicketRoute, listTicketsRoute } from './tickets.ts';

export const ROUTES: readonly Route[] = [
  loginRoute,
  meRoute,
  listTicketsRoute,
  openTicketRoute,
  getTicketRoute,
  listMessagesRoute,
  replyRoute,
  getMessageRoute,
  timelineRoute,
  listDraftsRoute,
  decideDraftRoute,
  setStatusRoute,
  workflowRoute,
  listInboxRoute,
  getInboxRoute,
  openApiRoute,
  docsRoute,
  livezRoute,
  readyzRoute,
];

/** What the documentation lists: the routes, and what is taken beside them. */
export const DESCRIPTIONS: readonly RouteDescription[] = [...ROUTES, frontWebhook, slackEvents];
