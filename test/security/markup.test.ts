/** What a stranger writes is words: in the API's answers, on its page, in Slack's card and in the page of an escalation. */
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { createPageActivities } from '../../activities/pages.ts';
import { createSlack, type Slack } from '../../integrations/slack.ts';
import { type SlackSimulator, startSlackSimulator } from '../../local/simulators/slack.ts';
import { type FrontDesk, startFrontDesk } from '../support/front-desk.ts';

const CORPUS = [
  '<script>alert(1)</script>',
  '"><img src=x onerror=alert(1)>',
  '<svg/onload=alert(1)>',
  `'-alert(1)-'`,
  '</title><script src=//evil.example></script>',
  '<a href="javascript:alert(1)">x</a>',
  '[click](javascript:alert(1))',
  '<iframe srcdoc="<script>alert(1)</script>">',
  '<!--<script>',
  '{{constructor.constructor("alert(1)")()}} ${alert(1)} <%= 1 %>',
  '\u2028alert(1)\u2029',
  '<!channel> <!here> <!everyone>',
  '<@U0VICTIM> <@W0VICTIM> <#C0SECRET> <!subteam^S0TEAM>',
  '<https://evil.example|Your order>',
  '<mailto:eve@evil.example|Support>',
  '<!date^1^{date}^https://evil.example|now>',
  '@channel @here #general',
  '&lt;!channel&gt; &amp;lt;script&amp;gt;',
  '*bold*\n> quoted\n```code```',
  '\u202Egnp.exe\u202C \u2066hidden\u2069 \u200Fright',
];
/** Changes the order in which signs are read, and with it what stands before and after. */
const TURNS = /[\u202A-\u202E\u2066-\u2069]/;
const BOT_TOKEN = 'xoxb-test-token-0000';
const CHANNEL = 'C0HOLDFAST';

interface Block {
  type: string;
  text?: { type: string; text: string; verbatim?: boolean };
  fields?: { type: string; text: string; verbatim?: boolean }[];
}

let simulator: SlackSimulator;
let slack: Slack;
let at: FrontDesk;
/** The ticket that each of the corpus became, in subject, name and text. */
let tickets: { words: string; id: string }[];
beforeAll(async () => {
  const options = { deskUrl: 'http://127.0.0.1:1', botToken: BOT_TOKEN, signingSecret: 'signing-secret-0000' };
  simulator = await startSlackSimulator(options);
  slack = createSlack({ apiUrl: `${simulator.url}/api/`, botToken: BOT_TOKEN, channel: CHANNEL });
  at = await startFrontDesk({ slack });
  tickets = await Promise.all(
    CORPUS.map(async (words, index) => {
      const from = { email: `stranger${index}@example.com`, name: words };
      const id = await at.hear({ from, subject: words, text: words, html: `<p>${words}</p>` });
      if (id === null) throw new Error(`The mail led to no ticket: ${words}`);
      return { words, id };
    }),
  );
}, 60_000);
afterAll(async () => {
  await at.close();
  await simulator.close();
});

/** Every answer is data that no browser runs, however it is opened. */
function expectInert(headers: Headers, type: RegExp): void {
  expect(headers.get('content-type')).toMatch(type);
  expect(headers.get('x-content-type-options')).toBe('nosniff');
  expect(headers.get('content-security-policy')).toMatch(/^default-src 'none';/);
}

describe('the API', () => {
  test('answers a stranger’s words as they were written, as JSON that is not sniffed', async () => {
    for (const { words, id } of tickets) {
      const ticket = await at.get(`/tickets/${id}`);
      expect([ticket.body.subject, ticket.body.requester.name]).toEqual([words, words]);
      const messages = await at.get(`/tickets/${id}/messages`);
      expect(messages.body.items[0]).toMatchObject({ body: words, bodyHtml: null, author: { name: words } });
      const others = ['', '/notes', '/drafts', '/timeline', '/sla'].map((what) => at.get(`/tickets/${id}${what}`));
      const found = at.get(`/tickets?q=${encodeURIComponent(words.replaceAll('\u0000', ''))}`);
      for (const { headers, status } of [ticket, messages, ...(await Promise.all([...others, found]))]) {
        expect([words, status]).toEqual([words, 200]);
        expectInert(headers, /^application\/json(;|$)/);
      }
    }
  });

  test('answers a mistake with the words of the mistake as JSON that is not sniffed', async () => {
    for (const words of CORPUS) {
      const path = encodeURIComponent(words);
      for (const answer of [
        await at.api.ask('GET', `/${path}`),
        await at.get(`/tickets/${path}`),
        await at.get(`/tickets?tag=${path}`),
        await at.api.ask('POST', `/api/v1/tickets`, { key: at.key, json: { [words]: words } }),
      ]) {
        expect([words, [404, 422].includes(answer.status)]).toEqual([words, true]);
        expectInert(answer.headers, /^application\/problem\+json(;|$)/);
      }
    }
  });

  test('has one page, which runs nothing and says nothing of who asks', async () => {
    const page = await at.api.ask('GET', `/api/v1/docs`);
    expectInert(page.headers, /^text\/html; charset=utf-8$/);
    expect(page.headers.get('content-security-policy')).not.toMatch(/script|unsafe-eval/);
    expect(page.body).not.toMatch(/<script|<img|<iframe|<object|<form|javascript:|\son\w+=/i);
    const headers = { Referer: 'https://evil.example/<script>', 'User-Agent': '<script>alert(1)</script>' };
    expect((await at.api.ask('GET', '/api/v1/docs', { headers })).body).toBe(page.body);
    expect((await at.api.ask('GET', '/api/v1/docs?x=<script>', { headers })).status).toBe(422);
  });
});

describe('Slack', () => {
  /** What of a message is more than words: signs of Slack's, a text that Slack would read for some, a turned order. */
  function faultsOf({ blocks, text }: { blocks: Block[]; text: string }): string[] {
    const drawn = blocks.flatMap((block) => [...(block.text ? [block.text] : []), ...(block.fields ?? [])]);
    const faults = drawn.filter((one) => {
      // The only sign of Slack's that is ours is a date without a link.
      const rest = one.text.replaceAll(/<!date\^\d+\^\{date_short_pretty\} \{time\}\|[\d: -]+UTC>/g, '');
      return /[<>]/.test(rest) || one.verbatim !== true || TURNS.test(rest);
    });
    // What reaches a lock screen is ours alone.
    const isOurs = /^T-\d+( is \w+|: first response .* late)$/.test(text);
    return [...faults.map((one) => one.text), ...(isOurs ? [] : [text]), ...(drawn.length > 0 ? [] : ['nothing'])];
  }

  function posted(key: string): Promise<{ text: string; blocks: Block[] }> {
    return vi.waitUntil(
      async () => {
        const state = await fetch(`${simulator.url}/_sim/state`);
        const { channels } = Object(await state.json());
        return channels[CHANNEL].find((one: { metadata?: { event_payload: { key: string } } }) => {
          return one.metadata?.event_payload.key === key;
        });
      },
      { timeout: 20_000 },
    );
  }

  test('shows a card in which nobody is called and nothing leads anywhere', async () => {
    for (const { words, id } of tickets) {
      expect([words, faultsOf(await posted(`card:${id}`))]).toEqual([words, []]);
    }
  });

  test('is told of an escalation in which only those are called whom the desk calls', async () => {
    const { pool } = at.desk.db;
    const pages = createPageActivities({
      pool,
      logger: pino({ level: 'silent' }),
      slack,
      pagerduty: null,
      urlOf: (id) => `https://desk.example/${id}`,
      now: Date.now,
      cancelled: () => new AbortController().signal,
    });
    for (const { words, id } of tickets) {
      const asked = { ticketId: id, effectId: 'page:test', requestId: 'request', dueAt: Date.now() - 60_000, step: 0 };
      const { to } = await pages.pageInSlack({ ...asked, target: 'firstResponse', page: [{ kind: 'channel' }] });
      expect(to).toEqual(['slack']);
      expect([words, faultsOf(await posted(`page:${id}:page:test`))]).toEqual([words, []]);
    }
  });
});
