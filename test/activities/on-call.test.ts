import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import type { Pagee } from '../../domain/sla-policy.ts';
import { ask, failureOf, type Paging, startPaging } from './paging.ts';
import { openTicket } from './support.ts';

const MINUTE = 60_000;
const ON_CALL: readonly Pagee[] = [{ kind: 'onCall', rotaId: 'rota' }];

let paging: Paging;
beforeAll(async () => {
  paging = await startPaging();
});
afterAll(() => paging.stop());
beforeEach(async () => {
  await paging.reset();
  await paging.db.pool.query('delete from rotas');
});

test('who is on call is told by the rota at that moment: its turn in its own zone, or whoever stands in', async () => {
  const [ada, ben, cho] = [await paging.person('Ada'), await paging.person('Ben'), await paging.person('Cho')];
  // Handed over at nine in Kathmandu, which is a quarter past three in UTC.
  const handOver = Date.parse('2026-11-16T03:15:00Z');
  const turns = { zone: 'Asia/Kathmandu', startsOn: '2026-11-09', handOverMinute: 540, rotationDays: 7 };
  const standIn = { from: handOver + MINUTE, to: handOver + 2 * MINUTE, agentId: cho.id };
  await paging.keepRota('rota', { ...turns, agentIds: [ada.id, ben.id], overrides: [standIn] });
  const ticket = await openTicket(paging.db.pool);
  const told = [];
  for (const [step, at] of [handOver - 1, handOver, handOver + MINUTE, handOver + 2 * MINUTE].entries()) {
    told.push((await paging.pages({ now: () => at }).pageInSlack(ask(ticket, ON_CALL, { step }))).to);
  }
  expect(told).toEqual([ada, ben, cho, ben].map(({ id }) => [`agent:${id}`]));
});

test('who is on call by a rota that PagerDuty keeps is asked there, and known here by e-mail', async () => {
  const ada = await paging.person('Ada');
  await paging.keepRota('rota', { kind: 'pagerDuty', scheduleId: 'PSCHED1' });
  const user = { id: 'PADA', name: 'Ada', email: ada.email.toUpperCase() };
  await paging.onCall('PSCHED1', [user, { id: 'PNEW', name: 'Not here', email: 'new@example.com' }]);
  const wish = ask(await openTicket(paging.db.pool), ON_CALL);
  await expect(paging.pages().pageInSlack(wish)).resolves.toEqual({ to: [`agent:${ada.id}`] });
  expect(await paging.mentions()).toEqual([ada.slackUserId]);
});

test('not knowing who is on call holds up nobody else; where nobody else is named it is asked again', async () => {
  await paging.keepRota('rota', { kind: 'pagerDuty', scheduleId: 'PSCHED1' });
  const ticket = await openTicket(paging.db.pool);
  await paging.fault('pagerduty', { status: 503, path: '/oncalls', count: 2 });
  const both = ask(ticket, [...ON_CALL, { kind: 'channel' }]);
  await expect(paging.pages().pageInSlack(both)).resolves.toEqual({ to: ['slack'] });
  const failure = await failureOf(paging.pages().pageInSlack(ask(ticket, ON_CALL, { step: 1 })));
  expect(failure).toMatchObject({ message: 'PagerDuty answered 503.', nonRetryable: false });
});

test.each([
  ['does not exist', null],
  ['cannot be read', { zone: 'UTC' }],
  ['has nobody in it', { zone: 'UTC', startsOn: '2026-01-01', handOverMinute: 0, rotationDays: 7, agentIds: [] }],
  ['is kept in a PagerDuty that is not connected', { kind: 'pagerDuty', scheduleId: 'PSCHED1' }],
])('nobody is on call where the rota %s', async (_name, body) => {
  if (body !== null) await paging.keepRota('rota', body);
  const wish = ask(await openTicket(paging.db.pool), ON_CALL);
  await expect(paging.pages({ pagerduty: null }).pageInSlack(wish)).resolves.toEqual({ to: [] });
  expect(await paging.messages()).toEqual([]);
});
