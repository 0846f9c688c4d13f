/** How each route of the matrix is asked so that whoever may, is let in. What is not named takes nothing but its path. */
import { randomUUID } from 'node:crypto';
import type { MatrixDesk, MatrixTicket } from './matrix-desk.ts';

export interface Request {
  params?: Record<string, string>;
  query?: string;
  json?: unknown;
}

type Make = (desk: MatrixDesk, ticket: MatrixTicket) => Request | Promise<Request>;

const ofTicket =
  (json?: unknown): Make =>
  (_desk, { id }) => ({ params: { id }, ...(json !== undefined && { json }) });

/** A setting that an admin has just made, under its own name. */
const ofNewSetting =
  (path: string, json: object, change?: unknown): Make =>
  async (desk) => {
    const id = desk.name();
    await asAdmin(desk, path, { ...json, id, name: id });
    return { params: { id }, ...(change !== undefined && { json: change }) };
  };

const newSetting =
  (json: object): Make =>
  (desk) => ({ json: { ...json, name: desk.name() } });

async function asAdmin({ on, credential }: MatrixDesk, path: string, json: unknown) {
  const { status, body } = await on.api.ask('POST', `/api/v1${path}`, { key: credential.admin ?? '', json });
  if (status !== 201) throw new Error(`${path} was answered ${status}: ${JSON.stringify(body)}`);
  return body;
}

const hours = { urgent: 15, high: 60, normal: 60, low: 60 };
const SETTINGS = {
  '/teams': {},
  '/support-types': { category: 'refund' },
  '/sla/policies': { targets: { firstResponse: hours } },
  '/calendars': { zone: 'Europe/Berlin', weekly: { monday: [{ from: '09:00', to: '17:00' }] } },
  '/rotas': { kind: 'pagerDuty', scheduleId: 'PI7DH85' },
};

const settings: Record<string, Make> = Object.fromEntries(
  Object.entries(SETTINGS).flatMap(([path, json]): [string, Make][] => [
    [`POST /api/v1${path}`, newSetting(json)],
    [`GET /api/v1${path}/{id}`, ofNewSetting(path, json)],
    [`PATCH /api/v1${path}/{id}`, ofNewSetting(path, json, { name: 'Renamed' })],
    [`DELETE /api/v1${path}/{id}`, ofNewSetting(path, json)],
  ]),
);

const newUser = (desk: MatrixDesk) => ({ email: `${desk.name()}@holdfast.test`, name: 'New', role: 'agent' });
const ofNewUser =
  (json?: unknown): Make =>
  async (desk) => {
    const { id } = await asAdmin(desk, '/users', newUser(desk));
    return { params: { id }, ...(json !== undefined && { json }) };
  };
const ofNewKey =
  (json?: unknown): Make =>
  async (desk) => {
    const { id } = await asAdmin(desk, '/api-keys', { name: desk.name() });
    return { params: { id }, ...(json !== undefined && { json }) };
  };
const ofCustomer =
  (json?: unknown): Make =>
  ({ customerId: id }) => ({ params: { id }, ...(json !== undefined && { json }) });
const ofOrganisation =
  (json?: unknown): Make =>
  ({ organisationId: id }) => ({ params: { id }, ...(json !== undefined && { json }) });
const ofAgent =
  (json?: unknown): Make =>
  ({ on }) => ({ params: { id: on.userId }, ...(json !== undefined && { json }) });
/** Announced by the agent, and on no message yet. */
const ofAgentsFile: Make = async ({ on, credential }) => {
  const json = { name: 'a.txt', size: 1 };
  const { body } = await on.api.ask('POST', '/api/v1/attachments', { key: credential.agent ?? '', json });
  return { params: { id: body.id } };
};
const ofInboxRow: Make = async ({ on }) => {
  const { rows } = await on.desk.db.pool.query<{ id: string }>('select id::text from inbox order by id limit 1');
  return { params: { id: rows[0]?.id ?? '' } };
};
const ofAuditEntry: Make = async ({ on }) => {
  const { rows } = await on.desk.db.pool.query<{ id: string }>('select id::text from audit_entries limit 1');
  return { params: { id: rows[0]?.id ?? '' } };
};

const REQUESTS: Record<string, Make> = {
  ...settings,
  'POST /webhooks/front': () => ({ json: { type: 'sync' } }),
  'POST /webhooks/pagerduty': () => ({ json: {} }),
  'POST /slack/events': () => ({ json: {} }),
  'POST /api/v1/auth/login': async ({ on }) => {
    const { rows } = await on.desk.db.pool.query<{ email: string }>(
      `select email from users where password_hash is not null and role = 'agent' order by created_at limit 1`,
    );
    return { json: { email: rows[0]?.email, password: 'correct horse battery' } };
  },
  'POST /api/v1/auth/refresh': () => ({ json: { refreshToken: 'not-one-of-ours' } }),
  'POST /api/v1/auth/password-reset': () => ({
    json: { token: 'not-one-of-ours', newPassword: 'a new password, long' },
  }),
  'POST /api/v1/auth/password': () => ({
    json: { currentPassword: 'correct horse battery', newPassword: 'correct horse battery' },
  }),
  'POST /api/v1/tickets': () => ({
    json: { subject: 'Hello', body: 'Words', requester: { email: 'canary-requester@example.com' } },
  }),
  'POST /api/v1/tickets/bulk': (_desk, { id }) => ({ json: { ids: [id], command: { type: 'tags', tags: ['bulk'] } } }),
  'GET /api/v1/tickets/{id}/messages/{messageId}': (_desk, { id, messageId }) => ({ params: { id, messageId } }),
  'POST /api/v1/tickets/{id}/messages/{messageId}/undo': (_desk, { id, messageId }) => ({ params: { id, messageId } }),
  'PATCH /api/v1/tickets/{id}': ofTicket({ priority: 'high' }),
  'POST /api/v1/tickets/{id}/messages': ofTicket({ body: 'A reply' }),
  'POST /api/v1/tickets/{id}/notes': ofTicket({ body: 'A note' }),
  'POST /api/v1/tickets/{id}/drafts/{draftId}/decision': (_desk, { id, draftId }) => ({
    params: { id, draftId },
    json: { decision: 'discard' },
  }),
  'POST /api/v1/tickets/{id}/status': ofTicket({ status: 'on_hold' }),
  'POST /api/v1/tickets/{id}/assign': (desk, { id }) => ({ params: { id }, json: { agentId: desk.agentId } }),
  'POST /api/v1/tickets/{id}/transfer': ofTicket({ teamId: 'billing' }),
  'POST /api/v1/tickets/{id}/snooze': ofTicket({ until: null }),
  'POST /api/v1/tickets/{id}/merge': ({ other }, { id }) => ({ params: { id }, json: { into: other.id } }),
  'POST /api/v1/tickets/{id}/follow-up': ofTicket({ subject: 'More', body: 'Of it' }),
  'POST /api/v1/tickets/{id}/split': (_desk, { id, messageId }) => ({
    params: { id },
    json: { messageIds: [messageId], subject: 'Apart' },
  }),
  'POST /api/v1/tickets/{id}/links': ({ other }, { id }) => ({
    params: { id },
    json: { ticket: other.id, kind: 'related' },
  }),
  'DELETE /api/v1/tickets/{id}/links/{otherId}': async ({ on, other }, { id }) => {
    await on.post(`/tickets/${id}/links`, { ticket: other.id, kind: 'related' });
    return { params: { id, otherId: other.id }, query: '?kind=related' };
  },
  'POST /api/v1/tickets/{id}/escalation/postpone': ofTicket({ minutes: 30 }),
  'POST /api/v1/tickets/{id}/what-if': ofTicket({ hours: 1 }),
  'POST /api/v1/attachments': () => ({ json: { name: 'a.txt', size: 1 } }),
  'POST /api/v1/attachments/{id}/complete': ofAgentsFile,
  'GET /api/v1/attachments/{id}': ofAgentsFile,
  'GET /ws/agent/{agentId}': ({ agentId }) => ({ params: { agentId } }),
  'POST /api/v1/customers': (desk) => ({ json: { email: `${desk.name()}@example.com` } }),
  'GET /api/v1/customers/{id}': ofCustomer(),
  'PATCH /api/v1/customers/{id}': ofCustomer({ tier: 'gold' }),
  'GET /api/v1/customers/{id}/tickets': ofCustomer(),
  'POST /api/v1/organisations': (desk) => ({ json: { name: desk.name() } }),
  'GET /api/v1/organisations/{id}': ofOrganisation(),
  'PATCH /api/v1/organisations/{id}': ofOrganisation({ tier: 'gold' }),
  'GET /api/v1/organisations/{id}/customers': ofOrganisation(),
  'GET /api/v1/organisations/{id}/tickets': ofOrganisation(),
  'POST /api/v1/agents': (desk) => ({ json: newUser(desk) }),
  'GET /api/v1/agents/{id}': ofAgent(),
  'PATCH /api/v1/agents/{id}': ofAgent({ capacity: 50 }),
  'GET /api/v1/agents/{id}/queue': ofAgent(),
  'POST /api/v1/agents/{id}/login': ofAgent({}),
  'POST /api/v1/agents/{id}/logout': ofAgent({}),
  'GET /api/v1/inbox/{id}': ofInboxRow,
  'POST /api/v1/inbox/{id}/replay': ofInboxRow,
  'POST /api/v1/inbox/replay': () => ({ json: { status: 'failed' } }),
  'GET /api/v1/audit/{id}': ofAuditEntry,
  'POST /api/v1/users': (desk) => ({ json: newUser(desk) }),
  'GET /api/v1/users/{id}': ofNewUser(),
  'PATCH /api/v1/users/{id}': ofNewUser({ name: 'Renamed' }),
  'DELETE /api/v1/users/{id}': ofNewUser(),
  'POST /api/v1/users/{id}/password-reset': ofNewUser(),
  'POST /api/v1/users/{id}/logout': ofNewUser(),
  'POST /api/v1/api-keys': (desk) => ({ json: { name: desk.name() } }),
  'GET /api/v1/api-keys/{id}': ofNewKey(),
  'PATCH /api/v1/api-keys/{id}': ofNewKey({ name: 'Renamed' }),
  'DELETE /api/v1/api-keys/{id}': ofNewKey(),
  'GET /api/v1/sla/tickets/{id}': ofTicket(),
  'GET /api/v1/ai/tickets/{id}/draft': ofTicket(),
  'GET /api/v1/ai/tickets/{id}/recommend': ofTicket(),
  'GET /api/v1/ai/customers/{id}/dna': ofCustomer(),
  'GET /api/v1/ai/customers/{id}/churn': ofCustomer(),
  'GET /api/v1/customers/{id}/export': ofCustomer(),
  'POST /api/v1/customers/{id}/erase': async (desk) => {
    const { id } = await asAdmin(desk, '/customers', { email: `${randomUUID()}@example.com` });
    return { params: { id } };
  },
};

/** The request of a route; one of a ticket's that is not named takes its id alone. */
export function requestOf(route: string): Make {
  return REQUESTS[route] ?? (route.includes('/tickets/{id}') ? ofTicket() : () => ({}));
}
