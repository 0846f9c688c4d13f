import { inspect } from 'node:util';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import type { PageActivities } from '../../activities/pages.ts';
import type { Pagee } from '../../domain/sla-policy.ts';
import { ask, asked, assign, failureOf, type Paging, startPaging } from './paging.ts';
import { apply, hire, openTicket } from './support.ts';

const CANARY = 'canary-7f3a';
const MINUTE = 60_000;
const CHANNEL: readonly Pagee[] = [{ kind: 'channel' }];
const ASSIGNEE: readonly Pagee[] = [{ kind: 'assignee' }];
const OWN_TEAM: readonly Pagee[] = [{ kind: 'team', teamId: null }];
const PAGERDUTY: readonly Pagee[] = [{ kind: 'pagerDuty' }];

let paging: Paging;
let pages: PageActivities;
beforeAll(async () => {
  paging = await startPaging();
});
afterAll(() => paging.stop());
beforeEach(async () => {
  await paging.reset();
  pages = paging.pages();
});

const newTicket = (words?: Parameters<typeof openTicket>[1]) => openTicket(paging.db.pool, words);

describe('a page in Slack', () => {
  test('is one message in the channel that says how late the answer is, however often it is asked for', async () => {
    const ticket = await newTicket();
    const wish = ask(ticket, CHANNEL, { dueAt: Date.now() - 12 * MINUTE });
    await expect(pages.pageInSlack(wish)).resolves.toEqual({ to: ['slack'] });
    await expect(pages.pageInSlack(wish)).resolves.toEqual({ to: ['slack'] });
    const [page, ...others] = await paging.messages();
    expect(others).toEqual([]);
    expect(page?.text).toBe(`T-${ticket.number}: first response 12 min late`);
    expect(JSON.stringify(page?.blocks)).toContain('Grace');
  });

  test('of a worker that died before it noted the post is not posted again', async () => {
    const wish = ask(await newTicket(), CHANNEL);
    await pages.pageInSlack(wish);
    const key = `page:${wish.ticketId}:${wish.effectId}`;
    const { rowCount } = await paging.db.pool.query('update slack_posts set ts = null where key = $1', [key]);
    expect(rowCount).toBe(1);
    await expect(pages.pageInSlack(wish)).resolves.toEqual({ to: ['slack'] });
    expect(await paging.messages()).toHaveLength(1);
  });

  test('is one message when two runs overlap, and another step is another message', async () => {
    const ticket = await newTicket();
    await paging.fault('slack', { delayMs: 300, path: '/api/chat.postMessage' });
    await Promise.all([pages.pageInSlack(ask(ticket, CHANNEL)), pages.pageInSlack(ask(ticket, CHANNEL))]);
    expect(await paging.messages()).toHaveLength(1);
    await pages.pageInSlack(ask(ticket, CHANNEL, { step: 1 }));
    expect(await paging.messages()).toHaveLength(2);
  });

  test('calls whoever has the ticket when it fires', async () => {
    const [ada, ben] = [await paging.person('Ada'), await paging.person('Ben')];
    const ticket = await assign(paging, await assign(paging, await newTicket(), ada.id), ben.id);
    await expect(pages.pageInSlack(ask(ticket, ASSIGNEE))).resolves.toEqual({ to: [`agent:${ben.id}`] });
    expect(await paging.mentions()).toEqual([ben.slackUserId]);
    expect((await paging.messages())[0]?.text).toContain(`<@${ben.slackUserId}>`);
  });

  test('calls of a team those who are online and reachable, and all of it when nobody is', async () => {
    const team = await paging.newTeam();
    const on = await paging.person('On', { team, availability: 'online' });
    const off = await paging.person('Off', { team });
    const bot = await paging.person('Bot', { team, availability: 'online' });
    await paging.db.pool.query('update users set slack_user_id = null where id = $1', [bot.id]);
    const ticket = await newTicket();
    const page: readonly Pagee[] = [{ kind: 'team', teamId: team }];
    await expect(pages.pageInSlack(ask(ticket, page))).resolves.toEqual({ to: [`agent:${on.id}`] });
    await paging.db.pool.query(`update agents set availability = 'away' where id = $1`, [on.id]);
    const all = [off, on].map(({ id }) => `agent:${id}`);
    await expect(pages.pageInSlack(ask(ticket, page, { step: 1 }))).resolves.toEqual({ to: all });
  });

  test("calls the ticket's own team where the step names none, and nobody where it has none", async () => {
    const team = await paging.newTeam();
    const ada = await paging.person('Ada', { team });
    const bare = await newTicket();
    await expect(pages.pageInSlack(ask(bare, OWN_TEAM))).resolves.toEqual({ to: [] });
    const ticket = await apply(paging.db.pool, bare, { ...asked(), type: 'change', teamId: team });
    await expect(pages.pageInSlack(ask(ticket, OWN_TEAM))).resolves.toEqual({ to: [`agent:${ada.id}`] });
  });

  test('calls everybody of a role', async () => {
    const lead = await paging.person('Lea', { role: 'lead' });
    await paging.person('Ada');
    const page: readonly Pagee[] = [{ kind: 'role', role: 'lead' }];
    await expect(pages.pageInSlack(ask(await newTicket(), page))).resolves.toEqual({ to: [`agent:${lead.id}`] });
    expect(await paging.mentions()).toEqual([lead.slackUserId]);
  });

  test('calls once whoever is named twice, beside the channel', async () => {
    const team = await paging.newTeam();
    const ada = await paging.person('Ada', { team });
    const ticket = await assign(paging, await newTicket(), ada.id);
    const page: readonly Pagee[] = [{ kind: 'team', teamId: team }, ...CHANNEL, ...ASSIGNEE];
    await expect(pages.pageInSlack(ask(ticket, page))).resolves.toEqual({ to: ['slack', `agent:${ada.id}`] });
    expect(await paging.mentions()).toEqual([ada.slackUserId]);
  });

  test('reaches nobody who has no Slack user, or one that is none, and is then not posted at all', async () => {
    const [nobody, odd] = [await hire(paging.db.pool, 'Nobody'), await hire(paging.db.pool, 'Odd')];
    await paging.db.pool.query(`update users set slack_user_id = '!channel' where id = $1`, [odd]);
    for (const id of [nobody, odd]) {
      const ticket = await assign(paging, await newTicket(), id);
      await expect(pages.pageInSlack(ask(ticket, ASSIGNEE))).resolves.toEqual({ to: [] });
    }
    expect(await paging.messages()).toEqual([]);
  });
});

describe('a page in PagerDuty', () => {
  test('is one incident that names ticket, deadline and step, however often it is asked for', async () => {
    const ticket = await newTicket();
    const dueAt = Date.now() - 12 * MINUTE;
    const wish = ask(ticket, PAGERDUTY, { dueAt, step: 2 });
    await expect(pages.pageInPagerduty(wish)).resolves.toEqual({ to: ['pagerduty'] });
    await expect(pages.pageInPagerduty(wish)).resolves.toEqual({ to: ['pagerduty'] });
    const [incident, ...others] = await paging.incidentsOf(ticket);
    expect(others).toEqual([]);
    expect(incident?.incident_key).toBe(`holdfast:${ticket.id}:firstResponse:${dueAt}:2`);
    expect(incident?.triggers[0]).toMatchObject({
      summary: `T-${ticket.number}: first response 12 min late`,
      severity: 'error',
      links: [{ href: `https://temporal.example/${ticket.id}`, text: `T-${ticket.number}` }],
      details: { priority: 'normal', target: 'firstResponse', dueAt: new Date(dueAt).toISOString(), step: 3 },
    });
  });

  test('of another step is another incident, and is critical when the ticket is urgent', async () => {
    const change = { ...asked(), type: 'change', priority: 'urgent' } as const;
    const ticket = await apply(paging.db.pool, await newTicket(), change);
    await pages.pageInPagerduty(ask(ticket, PAGERDUTY));
    await pages.pageInPagerduty(ask(ticket, PAGERDUTY, { step: 1 }));
    const incidents = await paging.incidentsOf(ticket);
    expect(incidents).toHaveLength(2);
    expect(incidents[0]?.triggers[0]).toMatchObject({ severity: 'critical' });
  });

  test('holds no word of the customer', async () => {
    const words = { subject: `s ${CANARY}`, body: `b ${CANARY}`, name: `n ${CANARY}` };
    await pages.pageInPagerduty(ask(await newTicket(words), PAGERDUTY));
    const calls = await paging.calls('pagerduty');
    expect(calls).toContain('/v2/enqueue');
    expect(calls).not.toContain(CANARY);
  });
});

describe('a vendor in trouble', () => {
  const canary = { subject: CANARY, body: CANARY, name: CANARY };

  test('that is down is tried again, and never later than in half a minute', async () => {
    const ticket = await newTicket(canary);
    const runs = {
      slack: () => pages.pageInSlack(ask(ticket, CHANNEL)),
      pagerduty: () => pages.pageInPagerduty(ask(ticket, PAGERDUTY)),
    };
    for (const vendor of ['slack', 'pagerduty'] as const) {
      await paging.fault(vendor, { status: 429, retryAfter: 3000 });
      const failure = await failureOf(runs[vendor]());
      expect(failure).toMatchObject({ type: 'vendor_unavailable', nonRetryable: false, nextRetryDelay: 30_000 });
      expect(inspect(failure, { depth: 10 })).not.toContain(CANARY);
      await expect(runs[vendor]()).resolves.toEqual({ to: [vendor] });
    }
  });

  test('that refuses us reaches nobody, and the log tells why without the words', async () => {
    const ticket = await newTicket(canary);
    await paging.fault('slack', { error: 'channel_not_found' });
    await paging.fault('pagerduty', { status: 403 });
    await expect(pages.pageInSlack(ask(ticket, CHANNEL))).resolves.toEqual({ to: [] });
    await expect(pages.pageInPagerduty(ask(ticket, PAGERDUTY))).resolves.toEqual({ to: [] });
    expect(paging.logged()).toContain('channel_not_found');
    expect(paging.logged()).toContain('PagerDuty refused the page');
    expect(paging.logged()).not.toContain(CANARY);
  });

  test('or that is not connected reaches nobody', async () => {
    const ticket = await newTicket();
    const none = paging.pages({ slack: null, pagerduty: null });
    await expect(none.pageInSlack(ask(ticket, CHANNEL))).resolves.toEqual({ to: [] });
    await expect(none.pageInPagerduty(ask(ticket, PAGERDUTY))).resolves.toEqual({ to: [] });
  });
});
