import { createHmac } from 'node:crypto';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { type PagerdutySimulator, startPagerdutySimulator } from '../../../local/simulators/pagerduty.ts';
import { send, startReceivingDesk } from './receiving-desk.ts';

const secrets = { apiToken: 'pd-token', routingKey: 'pd-routing-key', webhookSecret: 'pd-secret' };
const authorised = { Authorization: `Token token=${secrets.apiToken}` };
let desk: Awaited<ReturnType<typeof startReceivingDesk>>;
let pagerduty: PagerdutySimulator;

beforeEach(async () => {
  desk = await startReceivingDesk();
  pagerduty = await startPagerdutySimulator({ deskUrl: desk.url, ...secrets });
});
afterEach(async () => {
  await pagerduty.close();
  await desk.close();
});

const payload = { summary: 'T-1 is late', source: 'T-1', severity: 'warning' };
const enqueue = (event: object) =>
  send('POST', `${pagerduty.url}/v2/enqueue`, { routing_key: secrets.routingKey, ...event });
const trigger = (key: string) => enqueue({ event_action: 'trigger', dedup_key: key, payload });
const event = (wish: object) => send('POST', `${pagerduty.url}/_sim/events`, wish);
const state = async () => Object((await send('GET', `${pagerduty.url}/_sim/state`)).body);
const oncalls = (query: string, headers: Record<string, string> = authorised) =>
  send('GET', `${pagerduty.url}/oncalls?${query}`, undefined, headers);

test('triggers of one key are one incident until it is resolved; what nobody triggered is dropped', async () => {
  const accepted = { status: 'success', message: 'Event processed', dedup_key: 'a' };
  expect(await trigger('a')).toMatchObject({ status: 202, body: accepted });
  await enqueue({ event_action: 'acknowledge', dedup_key: 'a' });
  await trigger('a');
  expect(await enqueue({ event_action: 'resolve', dedup_key: 'unknown' })).toMatchObject({ status: 202 });
  const [first, ...others] = (await state()).incidents;
  expect(others).toEqual([]);
  expect(first).toMatchObject({ incident_key: 'a', status: 'acknowledged', urgency: 'low', title: 'T-1 is late' });
  expect(first.triggers).toHaveLength(2);
  await enqueue({ event_action: 'resolve', dedup_key: 'a' });
  await trigger('a');
  expect((await state()).incidents).toMatchObject([{ status: 'resolved' }, { status: 'triggered', number: 2 }]);
});

test('a trigger without a key is given one', async () => {
  const answer = await enqueue({ event_action: 'trigger', payload });
  expect(answer.body).toMatchObject({ dedup_key: expect.stringMatching(/^[0-9a-f-]{36}$/) });
});

test.each([
  ['no payload', { event_action: 'trigger' }, 'payload'],
  ['a severity that there is not', { event_action: 'trigger', payload: { ...payload, severity: 'high' } }, 'severity'],
  ['a long summary', { event_action: 'trigger', payload: { ...payload, summary: 'x'.repeat(1025) } }, 'summary'],
  ['a long key', { event_action: 'resolve', dedup_key: 'x'.repeat(256) }, 'dedup_key'],
  ['no key', { event_action: 'acknowledge' }, 'dedup_key'],
  ['another action', { event_action: 'close', dedup_key: 'a' }, 'event_action'],
  ['a foreign routing key', { event_action: 'resolve', dedup_key: 'a', routing_key: 'x' }, 'routing key'],
])('an event with %s is refused in the shape of the Events API', async (_name, wrong, named) => {
  const refused = await enqueue(wrong);
  expect(refused).toMatchObject({
    status: 400,
    body: { status: 'invalid event', message: 'Event object is invalid', errors: [expect.stringContaining(named)] },
  });
  expect((await state()).incidents).toEqual([]);
});

test('on-calls are told to the token only, in the shape of the REST API, users whole or as pointers', async () => {
  const ann = { id: 'PANN', name: 'Ann', email: 'ann@example.com' };
  const shift = { start: '2026-11-21T01:00:00Z', end: '2026-11-21T09:00:00Z' };
  const put = await send('PUT', `${pagerduty.url}/_sim/oncall`, { scheduleId: 'PS', users: [{ ...ann, ...shift }] });
  expect(put.status).toBe(200);
  const range = 'schedule_ids[]=PS&since=2026-11-21T08:00:00Z&until=2026-11-21T08:00:01Z';
  const found = { user: { ...ann, type: 'user' }, schedule: { id: 'PS' }, escalation_level: 1, ...shift };
  const paging = { limit: 25, offset: 0, more: false, total: null };
  expect((await oncalls(`${range}&include[]=users`)).body).toMatchObject({ oncalls: [found], ...paging });
  const [pointer] = Object((await oncalls(range)).body).oncalls;
  expect(pointer.user).toMatchObject({ id: 'PANN', type: 'user_reference', summary: 'Ann' });
  expect(pointer.user).not.toHaveProperty('email');
  expect((await oncalls(range.replaceAll('T08', 'T10'))).body).toMatchObject({ oncalls: [] });
  const unauthorised = { error: { code: 2006, message: 'Unauthorized' } };
  expect(await oncalls(range, {})).toMatchObject({ status: 401, body: unauthorised });
  expect(await oncalls('since=yesterday')).toMatchObject({ status: 400, body: { error: { code: 2004 } } });
});

test('a webhook is signed with SHA-256 over the body, carries its id, and tells the incident and who did it', async () => {
  await trigger('a');
  const [incident] = (await state()).incidents;
  const wish = { dedupKey: 'a', eventId: 'evt-1', webhookId: 'hook-1', occurredAt: '2026-11-21T10:00:00Z' };
  const sent = await event({ ...wish, agent: { id: 'PANN', name: 'Ann' } });
  expect(sent).toMatchObject({ status: 200, body: { status: 200, eventId: 'evt-1', webhookId: 'hook-1' } });

  const [got] = desk.received;
  const digest = createHmac('sha256', secrets.webhookSecret).update(got?.raw ?? '');
  expect(got).toMatchObject({
    path: '/webhooks/pagerduty',
    headers: { 'x-pagerduty-signature': `v1=${digest.digest('hex')}`, 'x-webhook-id': 'hook-1' },
  });
  expect(JSON.parse(got?.raw ?? '')).toMatchObject({
    event: {
      id: 'evt-1',
      event_type: 'incident.acknowledged',
      resource_type: 'incident',
      occurred_at: wish.occurredAt,
      agent: { id: 'PANN', summary: 'Ann', type: 'user_reference' },
      client: null,
      data: { id: incident.id, type: 'incident', incident_key: 'a', status: 'acknowledged', priority: null },
    },
  });
  expect((await state()).incidents).toMatchObject([{ status: 'acknowledged' }]);
});

test('notes and responders carry the incident inside, and a ping carries none', async () => {
  await event({ type: 'incident.annotated', dedupKey: 'a' });
  await event({ type: 'incident.responder.added', dedupKey: 'a', agent: null });
  await event({ type: 'pagey.ping' });
  const [{ id }] = (await state()).incidents;
  const told = desk.received.map(({ raw }) => JSON.parse(raw).event);
  expect(told).toMatchObject([
    { data: { type: 'incident_note', incident: { id } } },
    { agent: null, data: { type: 'incident_responder', incident: { id } } },
    { event_type: 'pagey.ping', resource_type: 'pagey', data: { type: 'ping' } },
  ]);
});

test('a wish that cannot be met is refused with the field, and faults come in the shapes of both APIs', async () => {
  const refused = await event({ type: 'incident.resolved' });
  expect(refused).toMatchObject({ status: 400, body: { error: expect.stringContaining('dedupKey') } });
  await send('PUT', `${pagerduty.url}/_sim/faults`, { status: 429, count: 2 });
  const body = { message: 'Rate Limit Exceeded', error: { code: 2020, message: 'Rate Limit Exceeded' } };
  expect(await trigger('a')).toMatchObject({ status: 429, body });
  expect(await oncalls('')).toMatchObject({ status: 429, body });
  expect(await send('GET', `${pagerduty.url}/services`)).toMatchObject({
    status: 404,
    body: { error: { code: 2100 } },
  });
});

test('an empty secret is refused at the start', async () => {
  const starting = startPagerdutySimulator({ deskUrl: desk.url, ...secrets, webhookSecret: '' });
  await expect(starting).rejects.toThrow('The PagerDuty simulator needs a webhookSecret that is not empty.');
});
