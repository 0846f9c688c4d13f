/** No secret is empty, and no webhook is taken whose signature is anything but the whole of the right one. */
import { createHmac, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { FRONT, startApi, type TestApi } from '../api/support.ts';
import { faultsOf, readVariables, secretVariables } from './secret-variables.ts';
import { digestOf } from './untouched.ts';

const PAGERDUTY = 'the secret of a subscription';

let api: TestApi;
beforeAll(async () => {
  api = await startApi({ pagerduty: [PAGERDUTY] });
});
afterAll(() => api.close());

describe('a secret', () => {
  const DATABASE_URL = 'postgres://holdfast:password@127.0.0.1:5432/holdfast';
  /** Settings that do, with every vendor connected. */
  const whole = Object.fromEntries([
    ...secretVariables().map((name) => [name, `a whole secret for ${name}`]),
    ['SLACK_CHANNEL', 'C0HOLDFAST'],
    ['S3_BUCKET', 'desk'],
    ['DATABASE_URL', DATABASE_URL],
  ]);

  test('is known to be one: every vendor’s, the desk’s own, and the database’s', () => {
    expect(faultsOf(whole)).toBe('');
    expect(readVariables().length).toBeGreaterThan(40);
    expect(secretVariables()).toEqual(
      expect.arrayContaining([
        'APP_SECRET',
        'DATABASE_URL',
        'FRONT_RULE_SECRET',
        'OPENAI_API_KEY',
        'SLACK_SIGNING_SECRET',
      ]),
    );
  });

  test.each(secretVariables())('that is empty stops the desk from starting, and is named: %s', (name) => {
    expect(faultsOf({ ...whole, [name]: '' })).toContain(`The environment variable ${name} `);
  });

  /** Who signs what comes in. */
  const verifying = secretVariables().filter((name) => /(SIGNING_KEY|SECRET)$/.test(name));
  test.each(verifying)('that is missing is not done without: %s', (name) => {
    expect(faultsOf({ ...whole, [name]: undefined })).toContain(`The environment variable ${name} is not set`);
  });

  test.each(verifying)('that could be guessed is refused, and is not in the refusal: %s', (name) => {
    const told = faultsOf({ ...whole, [name]: 'canary-7f3a' });
    expect(told).toContain(`The environment variable ${name} must be at least 16 characters long`);
    expect(told).not.toMatch(/canary-7f3a|a whole secret|password/);
  });
});

type Hash = 'sha1' | 'sha256';
const hmac = (hash: Hash, secret: string, text: string, as: 'base64' | 'hex') =>
  createHmac(hash, secret).update(text).digest(as);

/** Where each sender signs, and how. */
const SENDERS = {
  "an application of Front's": {
    path: '/webhooks/front',
    header: 'X-Front-Signature',
    others: { 'X-Front-Request-Timestamp': '1700000000000' },
    sign: (raw: string, secret = FRONT.appSigningKey) => hmac('sha256', secret, `1700000000000:${raw}`, 'base64'),
  },
  "a rule of Front's": {
    path: '/webhooks/front',
    header: 'X-Front-Signature',
    others: {},
    sign: (raw: string, secret = FRONT.ruleSecret) => hmac('sha1', secret, raw, 'base64'),
  },
  PagerDuty: {
    path: '/webhooks/pagerduty',
    header: 'X-PagerDuty-Signature',
    others: {},
    sign: (raw: string, secret = PAGERDUTY) => `v1=${hmac('sha256', secret, raw, 'hex')}`,
  },
};
type Sender = (typeof SENDERS)[keyof typeof SENDERS];

/** What an attacker makes of a signature that he has seen, or of none. */
const BENT: Record<string, (signature: string, sender: Sender) => string> = {
  'the first half': (one) => one.slice(0, one.length / 2),
  'all but the last letter': (one) => one.slice(0, -1),
  'its beginning alone': (one) => one.slice(0, 4),
  'one letter more': (one) => `${one}A`,
  'a NUL’s name after it': (one) => `${one}%00`,
  'something before it': (one) => `x${one}`,
  'a name before it': (one) => `sha256=${one}`,
  'all in capitals': (one) => one.toUpperCase(),
  'all in small letters': (one) =>
    one === one.toLowerCase() ? one.replace(/[a-f]/, (letter) => letter.toUpperCase()) : one.toLowerCase(),
  'another last letter': (one) => one.replace(/.(?==*$)/, (letter) => (letter === '0' ? '1' : '0')),
  'in the letters of URLs, or without padding': (one) =>
    one.replaceAll('+', '-').replaceAll('/', '_').replaceAll('=', '.'),
  twice: (one) => `${one}${one}`,
  'a word': () => 'true',
  'the empty list': () => ',',
  'nothing but the version': () => 'v1=',
  'of an empty secret': (_one, { sign }) => sign('{}', ''),
  'of another secret': (_one, { sign }) => sign('{}', 'another secret, long enough'),
  'of another body': (_one, { sign }) => sign('{} '),
};

describe.each(Object.entries(SENDERS))('of %s', (_name, sender) => {
  const { path, header, others, sign } = sender;
  const send = (raw: string, signature: string | null) =>
    api.ask('POST', path, { raw, headers: { ...others, ...(signature !== null && { [header]: signature }) } });

  test('the whole signature is taken, and a replay of it changes nothing', async () => {
    const raw = JSON.stringify({ of: randomUUID() });
    expect(await send(raw, sign(raw))).toMatchObject({ status: 200, body: { accepted: true, duplicate: false } });
    const before = await digestOf(api.db.pool);
    for (let time = 0; time < 3; time += 1) {
      expect(await send(raw, sign(raw))).toMatchObject({ status: 200, body: { accepted: true, duplicate: true } });
    }
    expect(await digestOf(api.db.pool)).toEqual(before);
  });

  test.each(Object.entries(BENT))('%s is refused, and nothing is kept', async (_what, bend) => {
    const before = await digestOf(api.db.pool);
    const bent = bend(sign('{}'), sender);
    expect(bent).not.toBe(sign('{}'));
    const { status, body } = await send('{}', bent);
    expect([bent, status, body.code]).toEqual([bent, 401, 'invalid_signature']);
    expect(body.detail).not.toContain(sign('{}'));
    expect(await digestOf(api.db.pool)).toEqual(before);
  });

  test('none is refused, also with the signature elsewhere', async () => {
    const headers = { ...others, 'X-Signature': sign('{}'), Authorization: `Bearer ${sign('{}')}` };
    expect((await send('{}', null)).status).toBe(401);
    expect((await api.ask('POST', path, { raw: '{}', headers })).status).toBe(401);
    expect((await api.ask('POST', `${path}?signature=${encodeURIComponent(sign('{}'))}`, { raw: '{}' })).status).toBe(
      401,
    );
  });

  test('that of another sender is refused here', async () => {
    for (const other of Object.values(SENDERS)) {
      if (other === sender) continue;
      const { status } = await api.ask('POST', path, {
        raw: '{}',
        headers: { ...others, [header]: other.sign('{}', PAGERDUTY) },
      });
      expect(status).toBe(401);
    }
  });
});
