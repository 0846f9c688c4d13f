/**
 * Who may do what, route by route, as it is promised: written by hand, so that it can disagree with the desk.
 *
 * `+` is let in, a number is the refusal. The key is one of an integration that was cut down to no permission at all; the
 * agent out of scope sees another team's tickets only, and the ticket in the path is not one of them. Webhooks go by their
 * signature, whoever sends them; Slack is not connected.
 */
export const PEOPLE = [
  'anonymous',
  'customer',
  'otherCustomer',
  'outOfScope',
  'agent',
  'lead',
  'admin',
  'bot',
  'key',
] as const;

export type Person = (typeof PEOPLE)[number];

export const MATRIX = `
                                                          anon customer other outOfScope agent lead admin bot key
GET    /livez                                              +   +   +   +   +   +   +   +   +
GET    /readyz                                             +   +   +   +   +   +   +   +   +
GET    /api/v1/openapi.json                                +   +   +   +   +   +   +   +   +
GET    /api/v1/docs                                        +   +   +   +   +   +   +   +   +
GET    /metrics                                           401 403 403 403 403  +   +  403 403
POST   /webhooks/front                                    401 401 401 401 401 401 401 401 401
POST   /webhooks/pagerduty                                401 401 401 401 401 401 401 401 401
POST   /slack/events                                      404 404 404 404 404 404 404 404 404

POST   /api/v1/auth/login                                  +   +   +   +   +   +   +   +   +
POST   /api/v1/auth/refresh                               401 401 401 401 401 401 401 401 401
POST   /api/v1/auth/password-reset                        401 401 401 401 401 401 401 401 401
POST   /api/v1/auth/logout                                401  +   +   +   +   +   +  403 403
POST   /api/v1/auth/password                              401  +   +   +   +   +   +  403 403
GET    /api/v1/me                                         401  +   +   +   +   +   +   +   +

GET    /api/v1/tickets                                    401  +   +   +   +   +   +   +  403
POST   /api/v1/tickets                                    401  +  403 403  +   +   +   +  403
GET    /api/v1/tickets/unassigned                         401 403 403  +   +   +   +   +  403
POST   /api/v1/tickets/bulk                               401 403 403  +   +   +   +   +  403
GET    /api/v1/tickets/{id}                               401  +  404 404  +   +   +   +  403
PATCH  /api/v1/tickets/{id}                               401 403 403 404  +   +   +   +  403
DELETE /api/v1/tickets/{id}                               401 403 403 404  +   +   +   +  403
GET    /api/v1/tickets/{id}/messages                      401  +  404 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/messages                      401 403 403 404  +   +   +   +  403
GET    /api/v1/tickets/{id}/messages/{messageId}          401  +  404 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/messages/{messageId}/undo     401 403 403 404  +   +   +   +  403
GET    /api/v1/tickets/{id}/notes                         401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/notes                         401 403 403 404  +   +   +   +  403
GET    /api/v1/tickets/{id}/timeline                      401 403 403 404  +   +   +   +  403
GET    /api/v1/tickets/{id}/sla                           401 403 403 404  +   +   +   +  403
GET    /api/v1/tickets/{id}/drafts                        401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/drafts                        401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/drafts/{draftId}/decision     401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/status                        401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/assign                        401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/auto-assign                   401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/unassign                      401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/transfer                      401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/snooze                        401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/unsnooze                      401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/merge                         401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/unmerge                       401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/follow-up                     401  +  404 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/split                         401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/links                         401 403 403 404  +   +   +   +  403
DELETE /api/v1/tickets/{id}/links/{otherId}               401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/escalation/acknowledge        401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/escalation/postpone           401 403 403 404  +   +   +   +  403
GET    /api/v1/tickets/{id}/workflow                      401 403 403 404  +   +   +   +  403
POST   /api/v1/tickets/{id}/what-if                       401 403 403 403 403  +   +  403 403

POST   /api/v1/attachments                                401 403 403  +   +   +   +   +  403
POST   /api/v1/attachments/{id}/complete                  401 403 403 404  +  404 404 404 403
GET    /api/v1/attachments/{id}                           401 404 404 404  +  404 404 404 403

GET    /api/v1/events                                     401 403 403  +   +   +   +   +  403
GET    /ws/agent/{agentId}                                401 403 403 403  +   +   +  403 403

GET    /api/v1/customers                                  401 403 403  +   +   +   +   +  403
POST   /api/v1/customers                                  401 403 403  +   +   +   +   +  403
GET    /api/v1/customers/{id}                             401 403 403 404  +   +   +   +  403
PATCH  /api/v1/customers/{id}                             401 403 403 404  +   +   +   +  403
GET    /api/v1/customers/{id}/tickets                     401 403 403 404  +   +   +   +  403
GET    /api/v1/customers/{id}/export                      401 403 403 403 403 403  +  403 403
POST   /api/v1/customers/{id}/erase                       401 403 403 403 403 403  +  403 403
GET    /api/v1/organisations                              401 403 403  +   +   +   +   +  403
POST   /api/v1/organisations                              401 403 403 403  +   +   +   +  403
GET    /api/v1/organisations/{id}                         401 403 403 404  +   +   +   +  403
PATCH  /api/v1/organisations/{id}                         401 403 403 404  +   +   +   +  403
GET    /api/v1/organisations/{id}/customers               401 403 403 404  +   +   +   +  403
GET    /api/v1/organisations/{id}/tickets                 401 403 403 404  +   +   +   +  403

GET    /api/v1/agents                                     401 403 403  +   +   +   +   +  403
POST   /api/v1/agents                                     401 403 403 403 403  +   +  403 403
GET    /api/v1/agents/available                           401 403 403  +   +   +   +   +  403
GET    /api/v1/agents/{id}                                401 403 403  +   +   +   +   +  403
PATCH  /api/v1/agents/{id}                                401 403 403 403 403  +   +  403 403
GET    /api/v1/agents/{id}/queue                          401 403 403  +   +   +   +   +  403
POST   /api/v1/agents/{id}/login                          401 403 403 403 403  +   +  403 403
POST   /api/v1/agents/{id}/logout                         401 403 403 403 403  +   +  403 403
GET    /api/v1/workload                                   401 403 403 403 403  +   +  403 403

GET    /api/v1/sla/tickets/{id}                           401 403 403 404  +   +   +   +  403
GET    /api/v1/sla/breaches                               401 403 403  +   +   +   +   +  403
GET    /api/v1/sla/at-risk                                401 403 403  +   +   +   +   +  403
GET    /api/v1/sla/dashboard                              401 403 403 403 403  +   +  403 403

GET    /api/v1/ai/tickets/{id}/draft                      401 403 403 404  +   +   +   +  403
GET    /api/v1/ai/tickets/{id}/recommend                  401 403 403 404  +   +   +   +  403
GET    /api/v1/ai/customers/{id}/dna                      401 403 403 404  +   +   +   +  403
GET    /api/v1/ai/customers/{id}/churn                    401 403 403 404  +   +   +   +  403
GET    /api/v1/ai/acceptance                              401 403 403 403 403  +   +  403 403

GET    /api/v1/teams                                      401 403 403  +   +   +   +   +  403
POST   /api/v1/teams                                      401 403 403 403 403  +   +  403 403
GET    /api/v1/teams/{id}                                 401 403 403  +   +   +   +   +  403
PATCH  /api/v1/teams/{id}                                 401 403 403 403 403  +   +  403 403
DELETE /api/v1/teams/{id}                                 401 403 403 403 403  +   +  403 403

GET    /api/v1/support-types                              401 403 403  +   +   +   +   +  403
POST   /api/v1/support-types                              401 403 403 403 403  +   +  403 403
GET    /api/v1/support-types/{id}                         401 403 403  +   +   +   +   +  403
PATCH  /api/v1/support-types/{id}                         401 403 403 403 403  +   +  403 403
DELETE /api/v1/support-types/{id}                         401 403 403 403 403  +   +  403 403

GET    /api/v1/sla/policies                               401 403 403  +   +   +   +   +  403
POST   /api/v1/sla/policies                               401 403 403 403 403  +   +  403 403
GET    /api/v1/sla/policies/{id}                          401 403 403  +   +   +   +   +  403
PATCH  /api/v1/sla/policies/{id}                          401 403 403 403 403  +   +  403 403
DELETE /api/v1/sla/policies/{id}                          401 403 403 403 403  +   +  403 403

GET    /api/v1/calendars                                  401 403 403  +   +   +   +   +  403
POST   /api/v1/calendars                                  401 403 403 403 403  +   +  403 403
GET    /api/v1/calendars/{id}                             401 403 403  +   +   +   +   +  403
PATCH  /api/v1/calendars/{id}                             401 403 403 403 403  +   +  403 403
DELETE /api/v1/calendars/{id}                             401 403 403 403 403  +   +  403 403

GET    /api/v1/rotas                                      401 403 403  +   +   +   +   +  403
POST   /api/v1/rotas                                      401 403 403 403 403  +   +  403 403
GET    /api/v1/rotas/{id}                                 401 403 403  +   +   +   +   +  403
PATCH  /api/v1/rotas/{id}                                 401 403 403 403 403  +   +  403 403
DELETE /api/v1/rotas/{id}                                 401 403 403 403 403  +   +  403 403

GET    /api/v1/inbox                                      401 403 403 403 403  +   +  403 403
GET    /api/v1/inbox/{id}                                 401 403 403 403 403  +   +  403 403
POST   /api/v1/inbox/{id}/replay                          401 403 403 403 403  +   +  403 403
POST   /api/v1/inbox/replay                               401 403 403 403 403  +   +  403 403
GET    /api/v1/audit                                      401 403 403 403 403  +   +  403 403
GET    /api/v1/audit/{id}                                 401 403 403 403 403  +   +  403 403

GET    /api/v1/users                                      401 403 403 403 403 403  +  403 403
POST   /api/v1/users                                      401 403 403 403 403 403  +  403 403
GET    /api/v1/users/{id}                                 401 403 403 403 403 403  +  403 403
PATCH  /api/v1/users/{id}                                 401 403 403 403 403 403  +  403 403
DELETE /api/v1/users/{id}                                 401 403 403 403 403 403  +  403 403
POST   /api/v1/users/{id}/password-reset                  401 403 403 403 403 403  +  403 403
POST   /api/v1/users/{id}/logout                          401 403 403 403 403 403  +  403 403
GET    /api/v1/api-keys                                   401 403 403 403 403 403  +  403 403
POST   /api/v1/api-keys                                   401 403 403 403 403 403  +  403 403
GET    /api/v1/api-keys/{id}                              401 403 403 403 403 403  +  403 403
PATCH  /api/v1/api-keys/{id}                              401 403 403 403 403 403  +  403 403
DELETE /api/v1/api-keys/{id}                              401 403 403 403 403 403  +  403 403
`;
