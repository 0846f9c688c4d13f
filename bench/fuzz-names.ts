/**
 * What Schemathesis is told of a desk: the names of what there is. Requests with names that are made up meet little but 404.
 *
 * Users and API keys are made for it, so that nobody locks out whoever asks. Does not promise that what is named is still there
 * when it is asked for: deleting it is asked for too.
 */
import { z } from 'zod';

/** Asks the desk as its admin; throws an Error with the answer when it is refused. */
export type Ask = (method: 'GET' | 'POST', path: string, json?: object) => Promise<unknown>;

const itemsSchema = z.object({ items: z.array(z.looseObject({ id: z.string() })) });
export const madeSchema = z.looseObject({ id: z.string(), apiKey: z.string().default('') });

/** Of one whom the desk knows. */
export const loginSchema = z.object({ email: z.string(), password: z.string() });

const TICKETS = 12;
/** The rest of the requests have names that are made up. */
const PROBABILITY = 0.8;
const LISTS = {
  agents: 'agents',
  audit: 'audit',
  calendars: 'calendars',
  customers: 'customers',
  inbox: 'inbox',
  organisations: 'organisations',
  policies: 'sla/policies',
  rotas: 'rotas',
  supportTypes: 'support-types',
  teams: 'teams',
};
/** Streams that do not end by themselves, and how long one is read. */
const ENDLESS = ['/api/v1/events'];
const STREAM_SECONDS = 3;
/** What is made for it to change and delete, by path. */
const SPARES = {
  calendars: { zone: 'Europe/Berlin', weekly: { monday: [{ from: '09:00', to: '17:00' }] } },
  organisations: { tier: 'pro' },
  rotas: { kind: 'pagerDuty', scheduleId: 'PI7DH85' },
  'sla/policies': { targets: { firstResponse: { urgent: 15, high: 60, normal: 60, low: 60 } } },
  'support-types': { category: 'refund' },
  teams: {},
};
const SPARES_OF_EACH = 3;
/** Where names of a kind stand in bodies. */
const IN_BODIES = {
  agentId: 'agents',
  customerId: 'customers',
  into: 'tickets',
  organisationId: 'organisations',
  supportType: 'supportTypes',
  teamId: 'teams',
  userId: 'users',
};

/** Opens tickets of `email`, and answers the settings of Schemathesis, as TOML. */
export async function settingsOfFuzzing(ask: Ask, email: string, login: z.infer<typeof loginSchema>): Promise<string> {
  const names: Record<string, string[]> = { '*': ['*'], ...(await makeSpares(ask, email)) };
  names['emails'] = [login.email];
  names['passwords'] = [login.password];
  names['refreshTokens'] = [await refreshTokenOf(ask, login), await refreshTokenOf(ask, login)];
  names['tickets'] = await openTickets(ask, email);
  const [ticket = ''] = names['tickets'];
  names['ticket'] = [ticket];
  await ask('POST', `/api/v1/tickets/${ticket}/messages`, { body: 'It works well.' });
  for (const list of ['messages', 'drafts']) names[list] = await idsOf(ask, `tickets/${ticket}/${list}`);
  for (const [name, path] of Object.entries(LISTS)) names[name] = await idsOf(ask, path);
  return tomlOf(Object.fromEntries(Object.entries(names).filter(([, values]) => values.length > 0)));
}

/** Makes settings, and the users and API keys that are named. */
async function makeSpares(ask: Ask, email: string) {
  const users: string[] = [];
  const apiKeys: string[] = [];
  for (let count = 1; count <= SPARES_OF_EACH; count += 1) {
    const name = `Spare ${count} of ${email}`;
    for (const [path, json] of Object.entries(SPARES)) await make(ask, `/api/v1/${path}`, { name, ...json });
    const user = await make(ask, '/api/v1/users', { name, email: `${count}.${email}`, role: 'agent' });
    users.push(user);
    apiKeys.push(await make(ask, '/api/v1/api-keys', { name, userId: user }));
  }
  return { users, apiKeys };
}

async function openTickets(ask: Ask, email: string): Promise<string[]> {
  const opened: string[] = [];
  for (let count = 1; count <= TICKETS; count += 1) {
    const requester = { email, name: 'Grace' };
    const json = { subject: `Question ${count}`, body: 'How does it work?', requester };
    opened.push(await make(ask, '/api/v1/tickets', json));
  }
  return opened;
}

async function refreshTokenOf(ask: Ask, login: z.infer<typeof loginSchema>): Promise<string> {
  const answer = await ask('POST', '/api/v1/auth/login', login);
  return z.object({ refreshToken: z.string() }).parse(answer).refreshToken;
}

async function make(ask: Ask, path: string, json: object): Promise<string> {
  return madeSchema.parse(await ask('POST', path, json)).id;
}

async function idsOf(ask: Ask, path: string): Promise<string[]> {
  const { items } = itemsSchema.parse(await ask('GET', `/api/v1/${path}?limit=50`));
  return items.map(({ id }) => id);
}

function tomlOf(names: Readonly<Record<string, readonly string[]>>): string {
  const bind = (bindings: Readonly<Record<string, string>>) =>
    Object.entries(bindings)
      .filter(([, name]) => names[name] !== undefined)
      .map(([place, name]) => `"${place}" = { dictionary = "${name}", probability = ${PROBABILITY} }`);
  const paths: [pattern: string, bindings: Record<string, string>][] = [
    ...Object.entries(LISTS).map(([name, path]): [string, Record<string, string>] => [
      `^/api/v1/${path}/\\{id\\}`,
      { 'path.id': name },
    ]),
    ['^/api/v1/ai/customers/', { 'path.id': 'customers' }],
    ['^/api/v1/auth/', { 'body.email': 'emails', 'body.password': 'passwords', 'body.refreshToken': 'refreshTokens' }],
    ['^/api/v1/users/', { 'path.id': 'users' }],
    ['^/api/v1/api-keys/', { 'path.id': 'apiKeys' }],
    ['tickets/\\{id\\}(?!/(messages|drafts)/\\{)', { 'path.id': 'tickets', 'path.otherId': 'tickets' }],
    ['tickets/\\{id\\}/messages/\\{', { 'path.id': 'ticket', 'path.messageId': 'messages' }],
    ['tickets/\\{id\\}/drafts/\\{', { 'path.id': 'ticket', 'path.draftId': 'drafts' }],
  ];
  const everywhere = {
    'header.If-Match': '*',
    'header.If-None-Match': '*',
    ...Object.fromEntries(Object.entries(IN_BODIES).map(([field, name]) => [`body.${field}`, name])),
  };
  return [
    ...ENDLESS.flatMap((path) => [
      '[[operations]]',
      `include-path = "${path}"`,
      'max-stream-events = 1',
      `request-timeout = ${STREAM_SECONDS}`,
    ]),
    ...Object.entries(names).flatMap(([name, values]) => [
      `[dictionaries."${name}"]`,
      `values = ${JSON.stringify(values)}`,
    ]),
    '[parameters]',
    ...bind(everywhere),
    ...paths.flatMap(([pattern, bindings]) => [
      '[[operations]]',
      `include-path-regex = ${JSON.stringify(pattern)}`,
      '[operations.parameters]',
      ...bind(bindings),
    ]),
  ].join('\n');
}
