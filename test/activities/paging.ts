/** What paging stands on in a test: the vendors' simulators, a database, people with Slack users, teams and rotas. */
import { randomUUID } from 'node:crypto';
import { inspect } from 'node:util';
import { ApplicationFailure } from '@temporalio/common';
import { pino } from 'pino';
import { expect } from 'vitest';
import { z } from 'zod';
import { type AskedToPage, createPageActivities, type PageActivities, type PageDeps } from '../../activities/pages.ts';
import type { Database } from '../../db/orm.ts';
import type { Pagee } from '../../domain/sla-policy.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { createPagerduty } from '../../integrations/pagerduty.ts';
import { createSlack } from '../../integrations/slack.ts';
import { startPagerdutySimulator } from '../../local/simulators/pagerduty.ts';
import { startSlackSimulator } from '../../local/simulators/slack.ts';
import { openTestDatabase } from '../support/database.ts';
import { apply, hire } from './support.ts';

const BOT_TOKEN = 'xoxb-test-token-0000';
const KEYS = { apiToken: 'pd-token', routingKey: 'r0123456789abcdef0123456789abcde', webhookSecret: 'pd-secret' };

const slackState = z.object({
  channels: z.record(z.string(), z.array(z.looseObject({ ts: z.string(), text: z.string(), blocks: z.unknown() }))),
});
const incidentSchema = z.looseObject({ incident_key: z.string(), triggers: z.array(z.looseObject({})) });
const pagerdutyState = z.object({ incidents: z.array(incidentSchema) });

type Vendor = 'slack' | 'pagerduty';
type Message = z.infer<typeof slackState>['channels'][string][number];

interface Person {
  id: string;
  email: string;
  slackUserId: string;
}

export interface Paging {
  db: Database;
  /** What was logged since the last `reset`. */
  logged(): string;
  /** The activities, with other parts where the test needs them. */
  pages(over?: Partial<PageDeps>): PageActivities;
  /** A channel of its own, and no fault or call left, for the next test. */
  reset(): Promise<void>;
  /** The messages of the test's channel. */
  messages(): Promise<Message[]>;
  /** The Slack users whom the newest message calls. */
  mentions(): Promise<string[]>;
  incidentsOf(ticket: Ticket): Promise<z.infer<typeof incidentSchema>[]>;
  calls(vendor: Vendor): Promise<string>;
  fault(vendor: Vendor, wrong: object): Promise<void>;
  /** Puts `users` on call for a schedule of PagerDuty's. */
  onCall(scheduleId: string, users: object[]): Promise<void>;
  /** Somebody with a Slack user. */
  person(name: string, options?: { role?: string; team?: string; availability?: string }): Promise<Person>;
  newTeam(): Promise<string>;
  keepRota(id: string, body: object): Promise<void>;
  stop(): Promise<void>;
}

/** Starts it all. */
export async function startPaging(): Promise<Paging> {
  const db = await openTestDatabase();
  const { pool } = db;
  const deskUrl = 'http://127.0.0.1:1';
  const simulators = {
    slack: await startSlackSimulator({ deskUrl, botToken: BOT_TOKEN, signingSecret: 'signing-secret-0000' }),
    pagerduty: await startPagerdutySimulator({ deskUrl, ...KEYS }),
  };
  const { slack, pagerduty } = simulators;
  let channel = '';
  let log: string[] = [];

  const control = async (vendor: Vendor, path: string, body: object) => {
    const headers = { 'Content-Type': 'application/json' };
    const init = { method: 'PUT', headers, body: JSON.stringify(body) };
    expect((await fetch(`${simulators[vendor].url}/_sim/${path}`, init)).status).toBe(200);
  };

  const paging: Paging = {
    db,
    logged: () => log.join(''),
    pages: (over = {}) =>
      createPageActivities({
        pool,
        logger: pino({ level: 'debug' }, { write: (entry: string) => void log.push(entry) }),
        slack: createSlack({ apiUrl: `${slack.url}/api/`, botToken: BOT_TOKEN, channel }),
        pagerduty: createPagerduty({ apiUrl: pagerduty.url, eventsUrl: pagerduty.url, ...KEYS }),
        urlOf: (ticketId) => `https://temporal.example/${ticketId}`,
        now: Date.now,
        cancelled: () => new AbortController().signal,
        ...over,
      }),
    async reset() {
      channel = `C${randomUUID().replaceAll('-', '').slice(0, 10).toUpperCase()}`;
      log = [];
      for (const { url } of Object.values(simulators)) {
        await fetch(`${url}/_sim/faults`, { method: 'DELETE' });
        await fetch(`${url}/_sim/calls`, { method: 'DELETE' });
      }
    },
    async messages() {
      return slackState.parse(await (await fetch(`${slack.url}/_sim/state`)).json()).channels[channel] ?? [];
    },
    async mentions() {
      const newest = (await paging.messages()).at(-1);
      return [...JSON.stringify(newest?.blocks).matchAll(/<@(\w+)>/g)].map(([, id = '']) => id);
    },
    async incidentsOf(ticket) {
      const { incidents } = pagerdutyState.parse(await (await fetch(`${pagerduty.url}/_sim/state`)).json());
      return incidents.filter((one) => one.incident_key.includes(ticket.id));
    },
    calls: async (vendor) => (await fetch(`${simulators[vendor].url}/_sim/calls`)).text(),
    fault: (vendor, wrong) => control(vendor, 'faults', wrong),
    onCall: (scheduleId, users) => control('pagerduty', 'oncall', { scheduleId, users }),
    async person(name, { role = 'agent', team, availability = 'offline' } = {}) {
      const id = await hire(pool, name);
      const slackUserId = `U${id.replaceAll('-', '').slice(0, 10).toUpperCase()}`;
      const { rows } = await pool.query<{ email: string }>(
        'update users set slack_user_id = $2, role = $3 where id = $1 returning email',
        [id, slackUserId, role],
      );
      await pool.query('update agents set availability = $2 where id = $1', [id, availability]);
      if (team !== undefined) await pool.query('insert into team_members values ($1, $2)', [team, id]);
      return { id, slackUserId, email: rows[0]?.email ?? '' };
    },
    async newTeam() {
      const id = randomUUID();
      await pool.query('insert into teams (id, name) values ($1, $1)', [id]);
      return id;
    },
    async keepRota(id, body) {
      const text = 'insert into rotas (id, name, body) values ($1, $1, $2) on conflict (id) do update set body = $2';
      await pool.query(text, [id, body]);
    },
    async stop() {
      await Promise.all([slack.close(), pagerduty.close()]);
      await db.close();
    },
  };
  return paging;
}

/** What the workflow asks when the step of the ticket's ladder is due. */
export function ask(ticket: Ticket, page: readonly Pagee[], over: { dueAt?: number; step?: number } = {}): AskedToPage {
  const { dueAt = 1_795_000_000_000, step = 0 } = over;
  const effectId = `page:firstResponse:${dueAt}:${step}`;
  return { ticketId: ticket.id, effectId, requestId: 'request', target: 'firstResponse', dueAt, step, page };
}

/** What every person's command carries. */
export function asked() {
  return { id: `test:${randomUUID()}`, requestId: 'request', by: { kind: 'system', id: null } } as const;
}

/** The ticket in the hands of the agent. */
export function assign({ db }: Paging, ticket: Ticket, agentId: string): Promise<Ticket> {
  return apply(db.pool, ticket, { ...asked(), type: 'assign', agentId, handOut: false, why: 'For the test.' });
}

/** The failure in which `run` ends, as Temporal is told of it. */
export async function failureOf(run: Promise<unknown>): Promise<ApplicationFailure> {
  const failure = await run.then(
    () => undefined,
    (error: unknown) => error,
  );
  if (!(failure instanceof ApplicationFailure)) throw new Error(`Not an ApplicationFailure: ${inspect(failure)}`);
  return failure;
}
