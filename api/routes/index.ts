/** Every route of the API, in the order in which the documentation shows them. */
import { pagerdutyWebhook } from '../pagerduty.ts';
import type { Route, RouteDescription } from '../route.ts';
import { slackEvents } from '../slack-description.ts';
import { frontWebhook } from '../webhooks.ts';
import { agentQueueRoute } from './agent-queue.ts';
import { availableAgentsRoute, loginAgentRoute, logoutAgentRoute } from './agent-availability.ts';
import { changeAgentRoute, createAgentRoute, getAgentRoute, listAgentsRoute } from './agents.ts';
import { loginRoute, meRoute } from './auth.ts';
import { calendarRoutes } from './calendars.ts';
import { docsRoute, openApiRoute } from './docs.ts';
import { livezRoute, readyzRoute } from './health.ts';
import { getInboxRoute, listInboxRoute } from './inbox.ts';
import { openTicketRoute } from './open-ticket.ts';
import { assignRoute, transferRoute, unassignRoute } from './ticket-assignment.ts';
import { autoAssignRoute } from './ticket-auto-assign.ts';
import { bulkRoute } from './ticket-bulk.ts';
import { changeTicketRoute } from './ticket-change.ts';
import { rotaRoutes } from './rotas.ts';
import { slaPolicyRoutes } from './sla-policies.ts';
import { supportTypeRoutes } from './support-types.ts';
import { teamRoutes } from './teams.ts';
import { decideDraftRoute, listDraftsRoute } from './ticket-drafts.ts';
import { acknowledgeRoute, postponeRoute } from './ticket-escalation.ts';
import { followUpRoute } from './ticket-follow-up.ts';
import { linkRoute, unlinkRoute } from './ticket-links.ts';
import { mergeRoute, unmergeRoute } from './ticket-merge.ts';
import { getMessageRoute, listMessagesRoute, replyRoute, undoSendRoute } from './ticket-messages.ts';
import { addNoteRoute, listNotesRoute } from './ticket-notes.ts';
import { ticketSlaRoute } from './ticket-sla.ts';
import { snoozeRoute, unsnoozeRoute } from './ticket-snooze.ts';
import { splitRoute } from './ticket-split.ts';
import { closeTicketRoute, setStatusRoute } from './ticket-status.ts';
import { timelineRoute } from './ticket-timeline.ts';
import { whatIfRoute } from './ticket-what-if.ts';
import { workflowRoute } from './ticket-workflow.ts';
import { getTicketRoute, listTicketsRoute, listUnassignedRoute } from './tickets.ts';
import { workloadRoute } from './workload.ts';

export const ROUTES: readonly Route[] = [
  loginRoute,
  meRoute,
  listTicketsRoute,
  openTicketRoute,
  listUnassignedRoute,
  bulkRoute,
  getTicketRoute,
  changeTicketRoute,
  closeTicketRoute,
  listMessagesRoute,
  replyRoute,
  getMessageRoute,
  undoSendRoute,
  listNotesRoute,
  addNoteRoute,
  timelineRoute,
  ticketSlaRoute,
  listDraftsRoute,
  decideDraftRoute,
  setStatusRoute,
  assignRoute,
  autoAssignRoute,
  unassignRoute,
  transferRoute,
  snoozeRoute,
  unsnoozeRoute,
  mergeRoute,
  unmergeRoute,
  followUpRoute,
  splitRoute,
  linkRoute,
  unlinkRoute,
  acknowledgeRoute,
  postponeRoute,
  workflowRoute,
  whatIfRoute,
  listAgentsRoute,
  createAgentRoute,
  // Before the route that would take the word for an id.
  availableAgentsRoute,
  getAgentRoute,
  changeAgentRoute,
  agentQueueRoute,
  loginAgentRoute,
  logoutAgentRoute,
  workloadRoute,
  ...teamRoutes,
  ...supportTypeRoutes,
  ...slaPolicyRoutes,
  ...calendarRoutes,
  ...rotaRoutes,
  listInboxRoute,
  getInboxRoute,
  openApiRoute,
  docsRoute,
  livezRoute,
  readyzRoute,
];

/** What the documentation lists: the routes, and what is taken beside them. */
export const DESCRIPTIONS: readonly RouteDescription[] = [...ROUTES, frontWebhook, pagerdutyWebhook, slackEvents];
