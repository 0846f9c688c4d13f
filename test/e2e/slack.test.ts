import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, eventually, startDesk } from '../support/desk.ts';
import { isOpen, type Reading, reading } from './reading.ts';

/** Stands in every customer's message, and must stand in nothing that reaches a lock screen. */
const CANARY = 'canary-7f3a';
const ADA = { id: 'U0ADA', username: 'ada', name: 'Ada Agent' };
const BEN = { id: 'U0BEN', username: 'ben', name: 'Ben Agent' };

interface SlackCall {
  channel: string;
  ts?: string;
  text: string;
  blocks: unknown;
  metadata: { event_payload: { key: string } };
}
interface SlackState {
  channels: Record<string, CardJson[]>;
  responses: { body: { text: string; response_type: string } }[];
}
interface CardJson {
  ts: string;
  metadata: { event_payload: { key: string } };
  blocks: { text?: { text: string }; elements?: { action_id: string; value: string }[] }[];
}

let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  desk = await startDesk();
  eyes = reading(desk);
});
afterAll(() => desk.stop());

/** The bodies of the calls of `method` that drew the ticket's card. */
async function drawings(ticketId: string, method: string): Promise<SlackCall[]> {
  const calls = await desk.calls<SlackCall>('slack', `/api/${method}`);
  return calls.map((call) => call.body).filter(({ metadata }) => metadata.event_payload.key === `card:${ticketId}`);
}

function state(): Promise<SlackState> {
  return desk.sim('slack', 'GET', 'state');
}

/** The ticket's card, once it is as `wanted`. */
function card(ticketId: string, wanted: (card: CardJson) => boolean): Promise<CardJson> {
  return eventually(async () => {
    const shown = (await state()).channels['C0HOLDFAST'] ?? [];
    return shown.find((one) => one.metadata.event_payload.key === `card:${ticketId}` && wanted(one));
  });
}

function buttons(shown: CardJson) {
  return shown.blocks.flatMap(({ elements }) => elements ?? []);
}

function says(words: string) {
  return (shown: CardJson) => JSON.stringify(shown.blocks).includes(words);
}

/** A ticket whose card offers its draft's buttons. */
async function ticketWithButtons(conversationId: string) {
  const ticket = await eyes.newTicket(conversationId, `I want my money back, ${CANARY}.`, isOpen);
  const shown = await card(ticket.id, (one) => buttons(one).length > 0);
  return { ticket, shown, value: buttons(shown)[0]?.value ?? '' };
}

function click(shown: CardJson, value: string, over: { actionId?: string; user?: typeof ADA; deliver?: number } = {}) {
  const action = { kind: 'action', actionId: 'draft_approve', messageTs: shown.ts, value, user: ADA, ...over };
  return desk.sim<{ status: number }>('slack', 'POST', 'events', action);
}

describe('the card in Slack', () => {
  test('is posted once and edited in place as the ticket moves', async () => {
    const { ticket, shown } = await ticketWithButtons('cnv_card');
    expect(buttons(shown).map((button) => button.action_id)).toEqual(['draft_approve', 'draft_discard']);
    await eyes.answer(ticket.id, 'You get it back.');
    await card(ticket.id, says('*Status:* pending'));
    expect(await drawings(ticket.id, 'chat.postMessage')).toHaveLength(1);
    const edits = await drawings(ticket.id, 'chat.update');
    expect(edits.length).toBeGreaterThan(0);
    expect(new Set(edits.map(({ ts }) => ts))).toEqual(new Set([shown.ts]));
  });

  test('sends the reply when Approve is clicked, and tells a later clicker who was first', async () => {
    const { ticket, shown, value } = await ticketWithButtons('cnv_approve');
    expect(await click(shown, value)).toMatchObject({ status: 200 });
    const sent = await eyes.reply(ticket.id, 'sent');
    const [draft] = await eyes.drafts(ticket.id);
    expect(draft).toMatchObject({ state: 'approved', body: sent.body, decidedBy: { name: 'Ada Agent' } });
    const approved = await card(ticket.id, says('approved by Ada Agent'));
    expect(buttons(approved)).toEqual([]);

    const before = (await state()).responses.length;
    await click(shown, value, { actionId: 'draft_discard', user: BEN });
    const answers = await eventually(async () => {
      const { responses } = await state();
      return responses.length > before && responses.slice(before);
    });
    expect(answers.map(({ body }) => body)).toMatchObject([
      { response_type: 'ephemeral', text: 'This draft was already decided (approve) by Ada Agent.' },
    ]);
    expect(await eyes.frontAnswers('cnv_approve')).toEqual([202]);
  });

  test('sends one reply when ten people click Approve at once, each delivered twice', async () => {
    const { ticket, shown, value } = await ticketWithButtons('cnv_ten');
    const before = (await state()).responses.length;
    const people = Array.from({ length: 10 }, (_, n) => ({ id: `U0TEN${n}`, username: `ten${n}`, name: `Ten ${n}` }));
    await Promise.all(people.map((user) => click(shown, value, { user, deliver: 2 })));
    await eyes.reply(ticket.id, 'sent');
    await eventually(async () => (await state()).responses.length === before + 9);
    expect(await eyes.frontAnswers('cnv_ten')).toEqual([202]);
    expect(await eyes.count(ticket.id, 'draft.decided')).toBe(1);
    expect(await eyes.count(ticket.id, 'message.sending')).toBe(1);
  });

  test('sends nothing when Discard is clicked, and the ticket stays open', async () => {
    const { ticket, shown, value } = await ticketWithButtons('cnv_discard');
    await click(shown, value, { actionId: 'draft_discard', user: BEN });
    const discarded = await card(ticket.id, says('discarded by Ben Agent'));
    expect(buttons(discarded)).toEqual([]);
    expect(await eyes.ticket(ticket.id)).toMatchObject({ status: 'open' });
    expect((await eyes.drafts(ticket.id)).map((draft) => draft.state)).toEqual(['discarded']);
    expect(await eyes.frontAnswers('cnv_discard')).toEqual([]);
  });

  test('decides nothing for somebody who was disabled at the desk, and tells him so', async () => {
    const { ticket, shown, value } = await ticketWithButtons('cnv_disabled');
    await desk.pool.query(
      `insert into users (id, email, name, role, slack_user_id, disabled_at, created_at)
       values (gen_random_uuid(), 'gone@holdfast.test', 'Gone', 'agent', 'U0GONE', now(), now())`,
    );
    const before = (await state()).responses.length;
    await click(shown, value, { user: { id: 'U0GONE', username: 'gone', name: 'Gone' } });
    const [answer] = await eventually(async () => {
      const { responses } = await state();
      return responses.length > before && responses.slice(before);
    });
    expect(answer?.body.text).toContain('You are disabled at this desk');
    expect((await eyes.drafts(ticket.id)).map((draft) => draft.state)).toEqual(['proposed']);
  });

  test('never has a customer’s words in the text that notifications show', async () => {
    const { ticket } = await ticketWithButtons('cnv_canary');
    const [message] = await eyes.messages(ticket.id);
    expect(message?.body).toContain(CANARY);
    const calls = await desk.calls<SlackCall>('slack', '/api/chat.');
    expect(calls.map(({ body }) => body.text).filter((text) => !/^T-\d+ is [a-z ]+$/.test(text))).toEqual([]);
    expect(calls.length).toBeGreaterThan(1);
  });
});
