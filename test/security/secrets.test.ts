/**
 * A secret is where it belongs and nowhere else: every one that the desk is given, makes or is sent is known again, the desk
 * lives through all that goes right and wrong with it, and then everything that it said and kept is searched.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { foundInDatabase, temporalTexts } from '../e2e/marks.ts';
import { isOpen, type Reading, reading } from '../e2e/reading.ts';
import { eventually } from '../support/desk.ts';
import { formsOf, tellTales } from './canary.ts';
import { type SecretDesk, startSecretDesk } from './secret-desk.ts';
import { secretVariables } from './secret-variables.ts';

const API = '/api/v1';

let on: SecretDesk;
let eyes: Reading;
beforeAll(async () => {
  on = await startSecretDesk();
  eyes = reading(on.desk);
}, 120_000);
afterAll(() => on.stop());

/** A sign-in's tokens, hidden from now on. */
function hideTokens({ accessToken, refreshToken }: { accessToken: string; refreshToken: string }, whose: string) {
  on.hide(`the access token of ${whose}`, accessToken);
  on.hide(`the signature of the access token of ${whose}`, accessToken.split('.')[2]);
  on.hide(`the refresh token of ${whose}`, refreshToken);
}

describe('the desk lives through', () => {
  const email = `${randomUUID()}@holdfast.test`;
  let password: string;

  test('people who sign in, rightly and wrongly, and lose and change what they sign in with', async () => {
    const user = await on.take('POST', `${API}/users`, { json: { email, name: 'Ada', role: 'agent' } });
    const { token } = await on.take('POST', `${API}/users/${user.id}/password-reset`);
    on.hide('the password token', token);
    const first = on.hide('the first password');
    await on.ask('POST', `${API}/auth/password-reset`, { as: null, json: { token, newPassword: first } });
    await on.ask('POST', `${API}/auth/password-reset`, {
      as: null,
      json: { token, newPassword: on.hide('the password of a used token') },
    });
    const login = (word: string) => ({ as: null, json: { email, password: word } });
    await on.ask('POST', `${API}/auth/login`, login(on.hide('the wrong password')));
    const session = await on.take('POST', `${API}/auth/login`, login(first));
    const { refreshToken } = session;
    const next = await on.take('POST', `${API}/auth/refresh`, { as: null, json: { refreshToken } });
    // In one second a session has one access token, so it is handed out twice.
    hideTokens(session, 'the first session');
    hideTokens(next, 'the next');
    password = on.hide('the second password');
    const json = { currentPassword: first, newPassword: password };
    const changed = await on.take('POST', `${API}/auth/password`, { as: next.accessToken, json });
    await on.ask('GET', `${API}/me`, { as: changed.accessToken });
    // Used before: it was copied, and the session ends.
    const again = { as: null, json: { refreshToken: changed.refreshToken } };
    hideTokens(await on.take('POST', `${API}/auth/refresh`, again), 'the last');
    hideTokens(changed, 'the changed');
    expect((await on.ask('POST', `${API}/auth/refresh`, again)).status).toBe(401);
    expect((await on.ask('GET', `${API}/me`, { as: changed.accessToken })).status).toBe(401);
  });

  test('requests that are wrong, with the secret in them', async () => {
    const json = { email, password, remember: password };
    const basic = `Basic ${Buffer.from(`ada:${password}`).toString('base64')}`;
    const wrong: [string, string, object][] = [
      ['POST', '/auth/login', { as: null, json }],
      ['POST', '/auth/login', { as: null, json: { email, password: { word: password } } }],
      ['POST', '/auth/login', { as: null, raw: `{"email": "${email}", "password": "${password.slice(0, 26)}` }],
      ['POST', '/auth/login', { as: null, raw: password, headers: { 'Content-Type': 'text/plain' } }],
      ['POST', '/auth/refresh', { as: null, json: { refreshToken: password, role: password } }],
      ['POST', '/auth/password-reset', { as: null, json: { token: password, newPassword: password } }],
      ['POST', `/nowhere?token=${encodeURIComponent(on.key)}`, { json }],
      ['GET', `/tickets?apiKey=${encodeURIComponent(on.key)}`, {}],
      ['GET', `/tickets?tag=${encodeURIComponent(password)}`, {}],
      ['POST', '/users', { json: { ...json, name: 'Ada', role: 'agent', passwordHash: password } }],
      ['PATCH', '/tickets/T-1', { json: { subject: 7, priority: password } }],
      ['GET', '/me', { as: `${on.key}x` }],
      ['GET', '/me', { as: null, headers: { Authorization: basic } }],
      ['GET', '/me', { as: null, headers: { Authorization: on.key, 'X-Api-Key': on.key, Cookie: `token=${on.key}` } }],
      ['DELETE', '/auth/login', { json }],
    ];
    for (const [method, path, asked] of wrong) {
      const { status } = await on.ask(method, API + path, asked);
      expect([method, path, status >= 400 && status < 500]).toEqual([method, path, true]);
    }
    const secret = on.environment['FRONT_RULE_SECRET'] ?? '';
    for (const [path, header] of [
      ['/webhooks/front', 'X-Front-Signature'],
      ['/webhooks/pagerduty', 'X-PagerDuty-Signature'],
      ['/slack/events', 'X-Slack-Signature'],
    ] as const) {
      const headers = { [header]: secret, 'X-Slack-Request-Timestamp': secret };
      expect((await on.ask('POST', path, { as: null, raw: '{}', headers })).status).toBe(401);
    }
  });

  test('a ticket’s whole life, with vendors who fail and repeat what they were sent', async () => {
    const [front, slack, openai] = [on.vendors.front, on.vendors.slack, on.vendors.openai];
    openai.trouble(401);
    slack.trouble(500, 1, 'chat.postMessage');
    const ticket = await eyes.newTicket('cnv_secrets', 'Where is my order?', isOpen);
    const draft = await eyes.draft(ticket.id);
    slack.trouble(401, 1, 'chat.update');
    const click = {
      kind: 'action',
      actionId: 'draft_approve',
      value: JSON.stringify({ ticketId: ticket.id, draftId: draft.id }),
    };
    const { ts } = await eventually(async () => {
      const { channels } = await on.desk.sim<{ channels: Record<string, { ts: string }[]> }>('slack', 'GET', 'state');
      return channels['C0HOLDFAST']?.[0];
    });
    front.trouble(500);
    await on.desk.sim('slack', 'POST', 'events', { ...click, messageTs: ts });
    await eyes.reply(ticket.id, 'sent');
    front.trouble(0);
    await eyes.answer(ticket.id, 'It is on its way.');
    await eyes.reply(ticket.id, 'sent');
    front.trouble(401);
    await eyes.answer(ticket.id, 'It has arrived.');
    const failed = await eyes.reply(ticket.id, 'failed');
    // The vendor did repeat it.
    expect(failed.failureReason).toContain('Bearer [redacted]');
    front.trouble(500, 1, '/messages/');
    const { eventId } = await eyes.write('cnv_preview', 'A preview.', { via: 'rule', preview: true });
    await eventually(async () => (await eyes.inbox(eventId))?.status === 'applied');
    for (const what of ['', '/messages', '/drafts', '/timeline', '/notes', '/sla', '/workflow']) {
      await on.ask('GET', `${API}/tickets/${ticket.id}${what}`);
    }
    expect([front.told, slack.told, openai.told]).toEqual([4, expect.any(Number), expect.any(Number)]);
    expect(slack.told * openai.told).toBeGreaterThan(0);
  });

  test('a page that PagerDuty refuses, advice that Quimbi does not give, and PagerDuty’s own events', async () => {
    const [pagerduty, second] = [on.vendors.pagerduty, on.vendors.quimbi];
    const within = { urgent: 1_000, high: 1_000, normal: 1_000, low: 1_000 };
    const ladder = [
      { delay: 0, page: [{ kind: 'pagerDuty' }] },
      { delay: 1_000, page: [{ kind: 'pagerDuty' }] },
    ];
    await on.desk.pool.query(
      `insert into sla_policies (id, position, name, filter, targets, ladder) values ('soon', -1, 'Soon', $1, $2, $3)`,
      [{ tag: ['soon'] }, { firstResponse: within, nextResponse: null, resolution: null }, JSON.stringify(ladder)],
    );
    await on.desk.pool.query('update settings_version set version = version + 1');
    pagerduty.trouble(401, 1, '/v2/enqueue');
    const requester = { email: 'grace@example.com', name: 'Grace' };
    const { body: ticket } = await on.ask('POST', `${API}/tickets`, {
      json: { subject: 'Soon', body: 'Please.', requester, tags: ['soon'] },
      headers: { 'Idempotency-Key': randomUUID() },
    });
    second.trouble(500);
    await on.ask('GET', `${API}/ai/customers/${ticket.requester.id}/dna`);
    await on.ask('GET', `${API}/ai/customers/${ticket.requester.id}/churn`);
    await on.desk.sim('pagerduty', 'POST', 'events', { type: 'pagey.ping' });
    await eventually(async () => (await on.desk.calls('pagerduty', '/v2/enqueue')).length > 0);
    expect([pagerduty.told, second.told]).toEqual([1, 1]);
  });

  test('files in a bucket that refuses, and on the disk', async () => {
    const attach = async (at: string) => {
      const file = await on.take('POST', `${API}/attachments`, { at, json: { name: 'a.txt', size: 5 } });
      const { url, headers } = file.upload;
      hideSignature(url, 'upload');
      const put = await fetch(url, { method: 'PUT', headers, body: 'Hello' });
      expect(put.ok).toBe(true);
      return file.id;
    };
    const bucketed = await attach(on.desk.url);
    on.vendors.s3.trouble(403);
    expect((await on.ask('POST', `${API}/attachments/${bucketed}/complete`)).status).toBe(503);
    // It hands out a link as well, and in one second it is the same.
    await on.take('POST', `${API}/attachments/${bucketed}/complete`);
    hideSignature((await on.take('GET', `${API}/attachments/${bucketed}`)).download.url, 'download');
    for (const name of Object.keys(on.environment)) if (name.startsWith('S3_')) delete on.environment[name];
    await on.desk.start('api2');
    const local = await attach(on.desk.url2);
    await on.take('POST', `${API}/attachments/${local}/complete`, { at: on.desk.url2 });
    const { download } = await on.take('GET', `${API}/attachments/${local}`, { at: on.desk.url2 });
    hideSignature(download.url, 'download from the disk');
    expect((await on.ask('GET', download.url, { as: null })).status).toBe(200);
    expect((await on.ask('GET', `${download.url}x`, { as: null })).status).toBe(403);
  });

  test('processes that cannot start with what they are given', async () => {
    const right = on.environment['DATABASE_URL'] ?? '';
    const wrong = new URL(right);
    wrong.password = encodeURIComponent(on.hide('the wrong database password'));
    on.environment['DATABASE_URL'] = wrong.href;
    await expect(on.desk.start('relay2')).rejects.toThrow('ended at once');
    on.environment['DATABASE_URL'] = right;
    on.environment['FRONT_RULE_SECRET'] = on.hide('half a secret').slice(0, 15);
    await expect(on.desk.start('tickets')).rejects.toThrow('ended at once');
  });
});

function hideSignature(url: string, what: string): void {
  const { searchParams } = new URL(url);
  const signature = searchParams.get('X-Amz-Signature') ?? searchParams.get('signature') ?? '';
  expect(signature.length).toBeGreaterThan(40);
  on.hide(`the signature of a link for a ${what}`, signature);
}

describe('afterwards no secret is', () => {
  test('one that this test has forgotten', () => {
    expect(on.hidden.length).toBeGreaterThan(secretVariables().length + 15);
  });

  test('in an answer that does not hand it out', () => {
    expect(on.answers.length).toBeGreaterThan(30);
    expect(on.answers.flatMap((answer) => tellTales(answer, on.hidden))).toEqual([]);
  });

  test('in a log, at its most talkative', async () => {
    const logs = await on.desk.logs();
    expect(logs).toContain('"route":"/api/v1/auth/login"');
    expect(logs).toContain('[redacted]');
    expect(logs).toContain('activity failed');
    expect(tellTales(logs, on.hidden)).toEqual([]);
  });

  test('in a metric', async () => {
    const read = async (url: string) => (await fetch(url, { headers: { Authorization: `Bearer ${on.key}` } })).text();
    const urls = [
      `${on.desk.url}/metrics`,
      ...Object.values(on.ports).map((port) => `http://127.0.0.1:${port}/metrics`),
    ];
    const metrics = (await Promise.all(urls.map(read))).join('\n');
    expect(metrics).toMatch(/holdfast_vendor_calls_total\{vendor="front",operation="send",outcome="refused"\} 1/);
    expect(tellTales(metrics, on.hidden)).toEqual([]);
  });

  test('in a trace', async () => {
    await eventually(async () => on.collector.spans.some(({ name }) => name === 'pagerduty trigger'));
    expect(on.collector.spans.map(({ name }) => name)).toEqual(expect.arrayContaining(['front send', 'openai triage']));
    expect(tellTales(on.collector.bodies.join('\n'), on.hidden)).toEqual([]);
  });

  test('in Temporal, in no history, memo or attribute', async () => {
    const temporal = await temporalTexts(on.desk);
    expect(temporal).toContain('front answered 500.');
    expect(tellTales(temporal, on.hidden)).toEqual([]);
  });

  test('in the database, but as a hash', async () => {
    const found = await foundInDatabase(
      on.desk,
      on.hidden.flatMap(({ secret }) => formsOf(secret)),
    );
    expect(found.flatMap((one) => [one, ...tellTales(one, on.hidden)])).toEqual([]);
  });
});
