/** Every route of the API, in the order in which the documentation shows them. */
import { pagerdutyWebhook } from '../pagerduty.ts';
import type { Route, RouteDescription } from '../route.ts';
import { slackEvents } from '../slack-description.ts';
import { frontWebhook } from '../webhooks.ts';
import { agentQueueRoute } from './agent-queue.ts';
import { availableAgentsRoute, loginAgentRoute, logoutAgentRoute } from './agent-availability.ts';
import { changeAgentRoute, createAgentRoute, getAgentRoute, listAgentsRoute } from './agents.ts';
import { announceAttachmentRoute, completeAttachmentRoute, getAttachmentRoute } from './attachments.ts';
import {
  changeApiKeyRoute,
  createApiKeyRoute,
  getApiKeyRoute,
  listApiKeysRoute,
  revokeApiKeyRoute,
} from './api-keys.ts';
import { changePasswordRoute, resetPasswordRoute } from './auth-password.ts';
import { loginRoute, logoutRoute, refreshRoute } from './auth.ts';
import { getAuditRoute, listAuditRoute } from './audit.ts';
import { acceptanceRoute } from './ai-acceptance.ts';
import { customerChurnRoute, customerDnaRoute } from './ai-customers.ts';
import { proposedDraftRoute, recommendRoute } from './ai-tickets.ts';
import { calendarRoutes } from './calendars.ts';
import { eraseCustomerRoute, exportCustomerRoute } from './customer-privacy.ts';
import {
  changeCustomerRoute,
  createCustomerRoute,
  customerTicketsRoute,
  getCustomerRoute,
  listCustomersRoute,
} from './customers.ts';
import { docsRoute, openApiRoute } from './docs.ts';
import { agentSocket, eventStream } from './events.ts';
import { livezRoute, readyzRoute } from './health.ts';
import { getInboxRoute, listInboxRoute } from './inbox.ts';
import { replayInboxRoute, replayInboxRowRoute } from './inbox-replay.ts';
import { metricsRoute } from './metrics.ts';
import { openTicketRoute } from './open-ticket.ts';
import {
  changeOrganisationRoute,
  createOrganisationRoute,
  getOrganisationRoute,
  listOrganisationsRoute,
  organisationCustomersRoute,
  organisationTicketsRoute,
} from './organisations.ts';
import { assignRoute, transferRoute, unassignRoute } from './ticket-assignment.ts';
import { autoAssignRoute } from './ticket-auto-assign.ts';
import { bulkRoute } from './ticket-bulk.ts';
import { changeTicketRoute } from './ticket-change.ts';
import { meRoute } from './me.ts';
import { rotaRoutes } from './rotas.ts';
import { slaDashboardRoute } from './sla-dashboard.ts';
import { atRiskRoute, breachesRoute } from './sla-lists.ts';
import { slaPolicyRoutes } from './sla-policies.ts';
import { supportTypeRoutes } from './support-types.ts';
import { teamRoutes } from './teams.ts';
import { requestDraftRoute } from './ticket-draft-requests.ts';
import { decideDraftRoute, listDraftsRoute } from './ticket-drafts.ts';
import { acknowledgeRoute, postponeRoute } from './ticket-escalation.ts';
import { followUpRoute } from './ticket-follow-up.ts';
import { linkRoute, unlinkRoute } from './ticket-links.ts';
import { mergeRoute, unmergeRoute } from './ticket-merge.ts';
import { getMessageRoute, listMessagesRoute, replyRoute, undoSendRoute } from './ticket-messages.ts';
import { addNoteRoute, listNotesRoute } from './ticket-notes.ts';
import { slaOfTicketRoute, ticketSlaRoute } from './ticket-sla.ts';
import { snoozeRoute, unsnoozeRoute } from './ticket-snooze.ts';
import { splitRoute } from './ticket-split.ts';
import { closeTicketRoute, setStatusRoute } from './ticket-status.ts';
import { timelineRoute } from './ticket-timeline.ts';
import { whatIfRoute } from './ticket-what-if.ts';
import { workflowRoute } from './ticket-workflow.ts';
import { getTicketRoute, listTicketsRoute, listUnassignedRoute } from './tickets.ts';
import {
  changeUserRoute,
  createUserRoute,
  disableUserRoute,
  getUserRoute,
  issuePasswordTokenRoute,
  listUsersRoute,
  logoutUserRoute,
} from './users.ts';
import { workloadRoute } from './workload.ts';

export const ROUTES: readonly Route[] = [
  loginRoute,
  refreshRoute,
  logoutRoute,
  changePasswordRoute,
  resetPasswordRoute,
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
  announceAttachmentRoute,
  completeAttachmentRoute,
  getAttachmentRoute,
  timelineRoute,
  ticketSlaRoute,
  listDraftsRoute,
  requestDraftRoute,
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
  listCustomersRoute,
  createCustomerRoute,
  getCustomerRoute,
  changeCustomerRoute,
  customerTicketsRoute,
  exportCustomerRoute,
  eraseCustomerRoute,
  listOrganisationsRoute,
  createOrganisationRoute,
  getOrganisationRoute,
  changeOrganisationRoute,
  organisationCustomersRoute,
  organisationTicketsRoute,
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
  proposedDraftRoute,
  recommendRoute,
  customerDnaRoute,
  customerChurnRoute,
  acceptanceRoute,
  ...teamRoutes,
  ...supportTypeRoutes,
  ...slaPolicyRoutes,
  slaOfTicketRoute,
  breachesRoute,
  atRiskRoute,
  slaDashboardRoute,
  ...calendarRoutes,
  ...rotaRoutes,
  listUsersRoute,
  createUserRoute,
  getUserRoute,
  changeUserRoute,
  disableUserRoute,
  issuePasswordTokenRoute,
  logoutUserRoute,
  listApiKeysRoute,
  createApiKeyRoute,
  getApiKeyRoute,
  changeApiKeyRoute,
  revokeApiKeyRoute,
  listInboxRoute,
  getInboxRoute,
  replayInboxRowRoute,
  replayInboxRoute,
  listAuditRoute,
  getAuditRoute,
  openApiRoute,
  docsRoute,
  livezRoute,
  readyzRoute,
  metricsRoute,
];

/** What the documentation lists: the routes, and what is taken beside them. */
export const DESCRIPTIONS: readonly RouteDescription[] = [
  ...ROUTES,
  eventStream,
  agentSocket,
  frontWebhook,
  pagerdutyWebhook,
  slackEvents,
];
