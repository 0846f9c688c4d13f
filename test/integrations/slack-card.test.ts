import { randomUUID } from 'node:crypto';
import { describe, expect, test } from 'vitest';
import { arm, type Clock } from '../../domain/clock.ts';
import { TARGETS } from '../../domain/sla-policy.ts';
import { blankTicket, type Engine, type Ticket } from '../../domain/ticket.ts';
import { cardMessage, type DraftFacts, escalationMessage, type TicketFacts } from '../../integrations/slack-card.ts';
import { readBlocks } from '../../local/simulators/slack-blocks.ts';

const NOW = Date.UTC(2026, 10, 20, 9, 0);
const MINUTE = 60_000;
const NO_CLOCKS = { firstResponse: null, nextResponse: null, resolution: null };
const MENTIONS = '<!channel> <!here> <@U0VICTIM> <#C0SECRET> <https://evil.example|Slack> @here & co';

describe("a customer's words", () => {
  const hostile = facts({ subject: MENTIONS, customer: MENTIONS, draft: draft({ body: MENTIONS }) });

  test('call nobody and make no link, in the card and in the page', () => {
    for (const drawn of [cardMessage(hostile, NOW), escalationMessage(hostile, 'firstResponse', NOW, NOW)]) {
      const texts = mrkdwnOf(drawn.blocks);
      expect(texts.map(({ text }) => text).join('\n')).toContain('&lt;!channel&gt; &lt;!here&gt; &lt;@U0VICTIM&gt;');
      // The only sign that is ours is the date; a mrkdwn text without `verbatim` would still turn @here into a mention.
      expect(texts.flatMap(({ text }) => text.match(/<(?!!date\^)/g) ?? [])).toEqual([]);
      expect(texts.every(({ verbatim }) => verbatim === true)).toBe(true);
    }
  });

  test('are never in the text of a notification', () => {
    const canary = facts({ subject: 'canary', customer: 'canary', draft: draft({ body: 'canary' }) });
    expect(cardMessage(canary, NOW).text).toBe('T-1001 is open');
    expect(TARGETS.map((target) => escalationMessage(canary, target, NOW - 12 * MINUTE, NOW).text)).toEqual([
      'T-1001: first response 12 min late',
      'T-1001: next response 12 min late',
      'T-1001: resolution 12 min late',
    ]);
  });

  test.each([
    ['letters', 'x'.repeat(20_000)],
    ['signs that grow when they are escaped', '&'.repeat(20_000)],
    ['letters of two halves', '🦜'.repeat(20_000)],
    ['half a letter', '\ud83e'.repeat(20_000)],
  ])('of any length fit what Slack takes: %s', (_name, long) => {
    const drawn = cardMessage(
      facts({ subject: long, customer: long, assignee: long, draft: draft({ body: long }) }),
      NOW,
    );
    expect(readBlocks(drawn.blocks)).toHaveProperty('blocks');
    expect(readBlocks(escalationMessage(facts({ customer: long }), 'resolution', NOW, NOW).blocks)).toHaveProperty(
      'blocks',
    );
    for (const { text } of mrkdwnOf(drawn.blocks)) {
      expect(text.isWellFormed()).toBe(true);
      expect(text.replaceAll(/&(amp|lt|gt);/g, '')).not.toContain('&');
    }
    const shown = mrkdwnOf(drawn.blocks).find(({ text }) => text.startsWith('*Draft'))?.text ?? '';
    expect(shown.length).toBeGreaterThan(2800);
    expect(shown).toMatch(/…$/);
  });

  test('on one line stay on one line, so that they cannot pass for a line of ours', () => {
    const drawn = cardMessage(facts({ subject: 'a\n*Status:* closed', customer: 'b\r\n*Priority:* low' }), NOW);
    expect(mrkdwnOf(drawn.blocks).filter(({ text }) => /[\r\n]/.test(text))).toEqual([]);
  });

  test('that are missing leave a card that Slack takes', () => {
    const drawn = cardMessage(facts({ subject: '', customer: '', draft: draft({ body: '' }) }), NOW);
    expect(readBlocks(drawn.blocks)).toHaveProperty('blocks');
  });
});

describe('a draft', () => {
  test.each([
    ['simulator', 'Draft (simulated)'],
    ['model', 'Draft (model)'],
    ['heuristic', 'Draft (heuristic)'],
  ] as const)('of the %s is labelled so', (engine, label) => {
    expect(shownOf(facts({ draft: draft({ engine }) }))).toContain(label);
  });

  test('that waits has both buttons', () => {
    expect(shownOf(facts({ draft: draft({}) }))).toMatch(/draft_approve.*draft_discard/);
  });

  test.each([
    ['approve', 'approved by Ada'],
    ['edit', 'edited and approved by Ada'],
    ['discard', 'discarded by Ada'],
    ['stale', 'is stale'],
  ] as const)('with the verdict %s has none, and says so', (state, sentence) => {
    const decided = facts({ draft: draft({ state, decidedBy: 'Ada' }), waiting: false });
    expect(shownOf(decided)).toContain(sentence);
    expect(shownOf(decided)).not.toContain('action_id');
  });

  test('that the ticket no longer waits for has none, whatever its row says', () => {
    expect(shownOf(facts({ draft: draft({ state: 'proposed' }), waiting: false }))).not.toContain('action_id');
  });
});

describe('the first response', () => {
  test.each<[string, Clock | null, string]>([
    ['without a policy', null, 'no deadline'],
    ['ahead', clock({}), 'due in 2 h'],
    ['standing still', clock({ since: null, dueAt: null }), 'paused'],
    ['past but not yet noticed', clock({ dueAt: NOW - 5 * MINUTE }), 'late by 5 min'],
    ['missed', clock({ dueAt: NOW - 1500 * MINUTE, breachedAt: NOW - 1500 * MINUTE }), 'late by 1 d 1 h'],
    ['given', clock({ fulfilledAt: NOW - MINUTE }), 'given in time'],
    [
      'given late',
      clock({ dueAt: NOW - 9 * MINUTE, breachedAt: NOW - 9 * MINUTE, fulfilledAt: NOW - MINUTE }),
      'came 8 min late',
    ],
  ])('%s', (_name, firstResponse, line) => {
    expect(shownOf(facts({ state: { clocks: { ...NO_CLOCKS, firstResponse } } }))).toContain(line);
  });
});

test('a triage is shown with its category and its engine', () => {
  const triage = {
    category: 'account_access' as const,
    severity: 'sev3' as const,
    priority: 'high' as const,
    sentiment: 'negative' as const,
    language: 'en',
    confidence: 0.9,
    summaryTextId: randomUUID(),
    engine: 'simulator' as const,
  };
  expect(shownOf(facts({ state: { triage } }))).toContain('*Category:* account access (simulated)');
});

function facts(
  over: Partial<Omit<TicketFacts, 'state'>> & { state?: Partial<Ticket>; waiting?: boolean },
): TicketFacts {
  const { waiting = true, state, ...rest } = over;
  const { draft: shown = null } = rest;
  const id = randomUUID();
  const waits = waiting && shown !== null ? { id: shown.id, messageId: randomUUID(), textId: randomUUID() } : null;
  return {
    id,
    subject: 'Where is my parcel?',
    customer: 'Grace',
    assignee: null,
    draft: null,
    ...rest,
    state: {
      ...blankTicket(id, 1001),
      status: 'open',
      clocks: { ...NO_CLOCKS, firstResponse: clock({}) },
      draft: waits,
      ...state,
    },
  };
}

function draft(over: Partial<DraftFacts>): DraftFacts {
  const engine: Engine = 'model';
  return { id: randomUUID(), state: 'proposed', engine, body: 'It arrives tomorrow.', decidedBy: null, ...over };
}

function clock(over: Partial<Clock>): Clock {
  const two = 120 * MINUTE;
  const targets = {
    firstResponse: { urgent: two, high: two, normal: two, low: two },
    nextResponse: null,
    resolution: null,
  };
  const policy = { id: 'p', name: 'P', version: 1, calendar: null, targets, warnAt: [0.75], ladder: [] };
  const armed = arm(policy, 'firstResponse', 'normal', NOW);
  if (armed === null) throw new Error('The policy sets no first response.');
  return { ...armed, ...over };
}

function shownOf(ticket: TicketFacts): string {
  return JSON.stringify(cardMessage(ticket, NOW).blocks);
}

/** Every text object of Slack's own markup, wherever it stands. */
function mrkdwnOf(value: unknown): { text: string; verbatim: unknown }[] {
  if (typeof value !== 'object' || value === null) return [];
  const inside = Object.values(value).flatMap(mrkdwnOf);
  if (!('type' in value) || value.type !== 'mrkdwn' || !('text' in value)) return inside;
  return [{ text: String(value.text), verbatim: 'verbatim' in value ? value.verbatim : undefined }, ...inside];
}
