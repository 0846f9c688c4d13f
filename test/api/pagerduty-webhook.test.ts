import { createHash, createHmac } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { readPagerdutyEvent } from '../../integrations/pagerduty-webhook.ts';
import { type PagerdutySimulator, startPagerdutySimulator } from '../../local/simulators/pagerduty.ts';
import { startApi, type TestApi } from './support.ts';

const secrets = { apiToken: 'pd-token', routingKey: 'r0123456789abcdef0123456789abcde', webhookSecret: 'pd-secret' };
let api: TestApi;
let simulator: PagerdutySimulator;
beforeAll(async () => {
  api = await startApi({ pagerduty: ['an older secret', secrets.webhookSecret] });
  simulator = await startPagerdutySimulator({ deskUrl: api.url, ...secrets });
});
afterAll(async () => {
  await simulator.close();
  await api.close();
});
beforeEach(async () => {
  await api.db.pool.query('truncate inbox, webhook_refusals');
});

async function control(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { 'Content-Type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  return (await fetch(`${simulator.url}/_sim/${path}`, { method, headers, ...sent })).json();
}

const signed = (raw: string | Uint8Array, secret = secrets.webhookSecret) =>
  `v1=${createHmac('sha256', secret).update(raw).digest('hex')}`;

const deliver = (raw: string | Uint8Array, headers: Record<string, string>, to = api) =>
  to.ask('POST', '/webhooks/pagerduty', { raw, headers: { 'Content-Type': 'application/json', ...headers } });

async function stored() {
  const { rows } = await api.db.pool.query(
    'select source, external_id, kind, conversation_key, state, reason, body from inbox order by id',
  );
  return rows;
}

async function refusals() {
  return (await api.db.pool.query('select source, reason, count::integer from webhook_refusals')).rows;
}

const incidentsOf = async (key: string) =>
  Object(await control('GET', 'state')).incidents.filter((one: { incident_key: string }) => one.incident_key === key);

describe('a webhook', () => {
  test.each(['acknowledged', 'unacknowledged', 'resolved'])(
    'of a page that is %s is stored as it came',
    async (what) => {
      const wish = { type: `incident.${what}`, dedupKey: 'T-7:1', eventId: 'evt-1', webhookId: 'hook-1' };
      const occurredAt = '2026-11-21T10:00:00.250Z';
      const sent = await control('POST', 'events', { ...wish, occurredAt, agent: { id: 'PANN', name: 'Ann' } });
      expect(sent).toMatchObject({ status: 200, body: { accepted: true, duplicate: false } });
      const [row, ...others] = await stored();
      expect(others).toEqual([]);
      expect(row).toEqual({
        source: 'pagerduty',
        external_id: 'hook-1',
        kind: wish.type,
        conversation_key: 'pagerduty:T-7:1',
        state: 'received',
        reason: null,
        body: Object(sent).sent.body,
      });
      expect(readPagerdutyEvent(JSON.parse(row.body))).toEqual({
        eventId: 'evt-1',
        type: wish.type,
        incidentKey: 'T-7:1',
        incidentId: expect.stringMatching(/^P[A-Z0-9]+$/),
        agent: { id: 'PANN', name: 'Ann' },
        merged: false,
        occurredAt: Date.parse(occurredAt),
      });
    },
  );

  test('of a page whose incident went into another one says so', async () => {
    await control('POST', 'events', { type: 'incident.resolved', dedupKey: 'T-7:2', mergedInto: 'PINTO' });
    const [row] = await stored();
    expect(row).toMatchObject({ state: 'received' });
    expect(readPagerdutyEvent(JSON.parse(row.body))).toMatchObject({ incidentKey: 'T-7:2', merged: true });
  });

  test('that comes twenty times at once is one row, and without its id it is known by the id of its event', async () => {
    const sent = Object(await control('POST', 'events', { dedupKey: 'T-8:1', eventId: 'evt-8', deliver: 20 }));
    const fresh = sent.deliveries.filter(({ body }: { body: unknown }) => !Object(body).duplicate);
    expect(fresh).toHaveLength(1);
    const { body } = sent.sent;
    const headers = { 'X-PagerDuty-Signature': signed(body) };
    expect((await deliver(body, headers)).body).toEqual({ accepted: true, duplicate: false });
    expect((await deliver(body, headers)).body).toEqual({ accepted: true, duplicate: true });
    await deliver(body, { ...headers, 'X-Webhook-Id': 'not an id; too odd to keep' });
    expect((await stored()).map((row) => row.external_id)).toEqual([sent.webhookId, 'evt-8']);
  });

  test.each(['pagey.ping', 'incident.annotated', 'incident.responder.replied', 'incident.escalated'])(
    'of the kind %s is kept as ignored, with the reason',
    async (type) => {
      const sent = await control('POST', 'events', { type, dedupKey: 'T-9:1', agent: null });
      expect(sent).toMatchObject({ status: 200, body: { accepted: true, duplicate: false } });
      const [row] = await stored();
      expect(row).toMatchObject({ kind: type, state: 'ignored', reason: expect.stringMatching(/^[A-Z].*\.$/) });
      const event = readPagerdutyEvent(JSON.parse(row.body));
      expect(event).toMatchObject({ type, agent: null });
      const isAboutIncident = type !== 'pagey.ping';
      expect(event?.incidentId).toEqual(isAboutIncident ? (await incidentsOf('T-9:1'))[0].id : null);
    },
  );

  test.each([
    ['is not JSON', '{"event": '],
    ['is empty', ''],
    ['holds what no database takes', 'a\u0000b'],
    ['has no event', '{"messages": []}'],
    ['has an odd time', '{"event": {"id": "e", "event_type": "incident.resolved", "occurred_at": "yesterday"}}'],
  ])('that is signed and %s is kept once as ignored, because no repetition mends it', async (_name, raw) => {
    const headers = { 'X-PagerDuty-Signature': signed(raw) };
    expect(await deliver(raw, headers)).toMatchObject({ status: 200, body: { accepted: true, duplicate: false } });
    expect(await deliver(raw, headers)).toMatchObject({ status: 200, body: { accepted: true, duplicate: true } });
    const externalId = createHash('sha256').update(raw).digest('hex');
    expect(await stored()).toMatchObject([{ external_id: externalId, state: 'ignored', kind: 'unknown' }]);
  });

  test.each([
    ['none', undefined],
    ['one that no database takes', 'a\u0000b'],
    ['one with half a character', '\ud800'],
    ['one that is too long', 'x'.repeat(256)],
  ])('of an incident whose key is %s is about no page of ours', async (_name, key) => {
    const data = { id: 'PINC', type: 'incident', incident_key: key };
    const event = { id: 'evt-10', event_type: 'incident.acknowledged', occurred_at: '2026-11-21T10:00:00Z', data };
    const raw = JSON.stringify({ event });
    expect((await deliver(raw, { 'X-PagerDuty-Signature': signed(raw) })).status).toBe(200);
    expect(await stored()).toMatchObject([{ state: 'ignored', conversation_key: 'pagerduty:evt-10' }]);
  });

  test.each([
    ['nothing', undefined, 'missing_signature'],
    ['another secret', signed('{}', 'another'), 'invalid_signature'],
    ['another body', signed('{} '), 'invalid_signature'],
    ['another version', signed('{}').replace('v1=', 'v2='), 'invalid_signature'],
    ['an empty secret', signed('{}', ''), 'invalid_signature'],
  ])('signed with %s is refused; nothing is stored but a count', async (_name, signature, reason) => {
    const answer = await deliver('{}', signature === undefined ? {} : { 'X-PagerDuty-Signature': signature });
    expect(answer).toMatchObject({ status: 401, body: { code: 'invalid_signature' } });
    expect(await stored()).toEqual([]);
    expect(await refusals()).toEqual([{ source: 'pagerduty', reason, count: 1 }]);
  });

  test('to a desk that is not connected, or has lost its database, is answered so that PagerDuty tries again', async () => {
    const raw = '{}';
    for (const known of [undefined, []]) {
      const without = await startApi({ db: api.db, pagerduty: known });
      expect((await deliver(raw, { 'X-PagerDuty-Signature': signed(raw, '') }, without)).status).toBe(500);
      await without.close();
    }
    const broken = await startApi({ pagerduty: [secrets.webhookSecret] });
    await loseDatabase(broken);
    expect((await deliver(raw, { 'X-PagerDuty-Signature': signed(raw) }, broken)).status).toBeGreaterThanOrEqual(500);
    await broken.close();
    expect(await stored()).toEqual([]);
  });
});

/** Lets nobody into its database any more, and puts those out who are in. */
async function loseDatabase({ db }: TestApi): Promise<void> {
  const { rows } = await db.pool.query<{ name: string }>('select current_database() as name');
  const name = rows[0]?.name ?? '';
  await api.db.pool.query(`alter database "${name}" with allow_connections false`);
  await api.db.pool.query('select pg_terminate_backend(pid) from pg_stat_activity where datname = $1', [name]);
}
