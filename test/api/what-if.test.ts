import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Client, Connection } from '@temporalio/client';
import { freePort } from '../support/ports.ts';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { z } from 'zod';
import type { Role } from '../../domain/permissions.ts';
import { createSlack } from '../../integrations/slack.ts';
import { type SlackSimulator, startSlackSimulator } from '../../local/simulators/slack.ts';
import { startTemporal } from '../../local/temporal.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';
import { type Answer, startApi, type TestApi } from './support.ts';

const HOUR = 3_600_000;
const SECRETS = { botToken: 'xoxb-what-if', signingSecret: 'what-if-signing-secret' };

let slack: SlackSimulator;
let desk: TestTickets;
let api: TestApi;
let keys: Record<Extract<Role, 'lead' | 'agent'>, string>;
let ticketId: string;
beforeAll(async () => {
  slack = await startSlackSimulator({ ...SECRETS, deskUrl: 'http://127.0.0.1:9' });
  const apiUrl = `${slack.url}/api/`;
  desk = await startTickets({ slack: createSlack({ apiUrl, botToken: SECRETS.botToken, channel: 'C0HOLDFAST' }) });
  await setPolicy();
  api = await startApi({ db: desk.db, client: desk.client, prefix: desk.prefix });
  keys = { lead: (await api.newKey('lead')).key, agent: (await api.newKey('agent')).key };
  ticketId = await openTicket();
});
afterAll(async () => {
  await api.close();
  await desk.stop();
  await slack.close();
});

/** Four hours to answer, whatever the priority, and two pages about it. */
async function setPolicy(): Promise<void> {
  const allowed = 4 * HOUR;
  const firstResponse = { urgent: allowed, high: allowed, normal: allowed, low: allowed };
  const ladder = [
    { delay: 0, page: [{ kind: 'channel' }] },
    { delay: HOUR, page: [{ kind: 'role', role: 'lead' }] },
  ];
  await desk.db.pool.query('update sla_policies set calendar_id = null, targets = $1, warn_at = $2, ladder = $3', [
    JSON.stringify({ firstResponse, nextResponse: null, resolution: null }),
    '[0.75]',
    JSON.stringify(ladder),
  ]);
  await desk.db.pool.query('update settings_version set version = version + 1');
}

/** A ticket that is triaged, owes nothing, and is shown in Slack as it is, with its workflow at rest. */
async function openTicket(): Promise<string> {
  const name = await desk.newTicket();
  await desk.tickets.open(name, await desk.words('Invoice 7', 'Why was I charged twice?'));
  const handle = desk.client.workflow.getHandle(ticketWorkflowId(name.ticketId));
  await vi.waitUntil(
    async () => {
      const { raw } = await handle.describe();
      if (raw.pendingWorkflowTask != null || raw.pendingActivities?.length !== 0) return false;
      const ticket = await desk.read(name.ticketId);
      const { rows } = await desk.db.pool.query<{ version: number }>('select version from slack_posts');
      return ticket?.status === 'open' && ticket.effects.length === 0 && rows[0]?.version === ticket.version;
    },
    { timeout: 20_000 },
  );
  return name.ticketId;
}

async function slackCalls(): Promise<unknown[]> {
  const answer = await fetch(`${slack.url}/_sim/calls`);
  return z.object({ calls: z.array(z.unknown()) }).parse(await answer.json()).calls;
}

function whatIf(json: unknown, ask: { key?: string; id?: string; from?: TestApi } = {}): Promise<Answer> {
  const { key = keys.lead, id = ticketId, from = api } = ask;
  return from.ask('POST', `/api/v1/tickets/${id}/what-if`, { key, json });
}

describe('what if nobody touched a ticket', () => {
  test('tells a lead the deadlines, breaches and pages ahead, in order, and how the ticket would be then', async () => {
    const start = (await desk.read(ticketId))?.clocks.firstResponse?.startedAt ?? NaN;
    const at = (ms: number) => new Date(start + ms).toISOString();
    const began = Date.now();
    const { status, body } = await whatIf({ hours: 48 });
    expect(Date.now() - began).toBeLessThan(10_000);
    expect(status).toBe(200);
    expect(Date.parse(body.from)).toBeGreaterThanOrEqual(began);
    expect(Date.parse(body.until) - Date.parse(body.from)).toBe(48 * HOUR);
    const dueAt = at(4 * HOUR);
    const about = { target: 'firstResponse', dueAt };
    expect(body.moments).toEqual([
      { at: at(3 * HOUR), type: 'sla.warned', data: about },
      { at: dueAt, type: 'sla.breached', data: about },
      { at: dueAt, type: 'shadow.muted', data: { effect: 'page', note: 'Would page the desk’s channel.' } },
      { at: dueAt, type: 'escalation.paged', data: { ...about, step: 0, to: ['shadow'] } },
      { at: at(5 * HOUR), type: 'shadow.muted', data: { effect: 'page', note: 'Would page everybody who is lead.' } },
      { at: at(5 * HOUR), type: 'escalation.paged', data: { ...about, step: 1, to: ['shadow'] } },
    ]);
    expect(body.ticket).toMatchObject({
      status: 'open',
      snoozed: false,
      escalation: { target: 'firstResponse', dueAt, step: 2, nextAt: null, acknowledged: false },
      sla: { firstResponse: { state: 'breached', dueAt }, nextResponse: null, resolution: null },
    });
    const late = Math.round((Date.parse(dueAt) - Date.parse(body.until)) / 1000);
    expect(Math.abs(body.ticket.sla.firstResponse.remainingSeconds - late)).toBeLessThanOrEqual(1);
  });

  test('changes nothing real: not the row, its events, its workflow’s history, nor anything in Slack', async () => {
    const handle = desk.client.workflow.getHandle(ticketWorkflowId(ticketId));
    const seen = async () => ({
      ticket: (await api.ask('GET', `/api/v1/tickets/${ticketId}?fields=version,status,updatedAt`, { key: keys.lead }))
        .body,
      events: await desk.events(ticketId),
      history: (await handle.describe()).historyLength,
      slack: await slackCalls(),
    });
    const before = await seen();
    const { body } = await whatIf({ hours: 720 });
    expect(body.moments).toHaveLength(6);
    expect(await seen()).toEqual(before);
  });

  test('is for leads, and of a ticket that is there', async () => {
    expect(await whatIf({ hours: 1 }, { key: keys.agent })).toMatchObject({ status: 403, body: { code: 'forbidden' } });
    expect(await whatIf({ hours: 1 }, { id: 'T-999999' })).toMatchObject({ status: 404, body: { code: 'not_found' } });
  });

  test.each([{}, { hours: 0 }, { hours: 721 }, { hours: 1.5 }, { hours: '2' }])(
    'takes 1 to 720 whole hours, not %o',
    async (json) => {
      const { status, body } = await whatIf(json);
      expect([status, body.code]).toEqual([422, 'invalid_request']);
      expect(body.detail).toContain('"hours"');
    },
  );
});

describe('on a Temporal server that does not skip time', () => {
  test('nobody can look ahead, the refusal names the setting, and no shadow is left behind', async () => {
    const folder = await mkdtemp(join(tmpdir(), 'holdfast-what-if-'));
    const server = await startTemporal({
      binary: inject('temporalBinary'),
      port: await freePort(),
      uiPort: await freePort(),
      namespace: 'default',
      logFile: join(folder, 'temporal.log'),
      dynamicConfig: { 'frontend.WorkflowTimeSkippingEnabled': 'false' },
    });
    const connection = await Connection.connect({ address: server.address });
    const client = new Client({ connection });
    const other = await startApi({ db: desk.db, client, prefix: 'no-skipping' });
    try {
      const { status, body } = await whatIf({ hours: 48 }, { from: other });
      expect([status, body.code]).toEqual([501, 'time_skipping_unavailable']);
      expect(body.detail).toContain('frontend.WorkflowTimeSkippingEnabled = true');
      const shadows = await vi.waitUntil(
        async () => {
          const { count } = await client.workflow.count(
            `WorkflowId STARTS_WITH "shadow-" AND ExecutionStatus = "Terminated"`,
          );
          return count;
        },
        { timeout: 20_000 },
      );
      expect(shadows).toBe(1);
    } finally {
      await other.close();
      await connection.close();
      await server.stop();
      await rm(folder, { recursive: true, force: true });
    }
  });
});
