/** Processes killed −9 where it hurts most; what was promised to anybody must still come about, once. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, eventually, type OwnTemporal, startDesk, startOwnTemporal } from '../support/desk.ts';
import { gapless, holding, isOpen, type Reading, reading, type TimelineItem, waiting } from './reading.ts';

/** A record's statement by its beginning, which is all that PostgreSQL shows of one so long. */
const RECORDING = '%with row as (%';

let temporal: OwnTemporal;
let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  temporal = await startOwnTemporal();
  desk = await startDesk(['api', 'queues', 'relay'], { temporalAddress: temporal.address });
  eyes = reading(desk);
});
afterAll(async () => {
  await desk.stop();
  await temporal.stop();
});

function types(timeline: readonly TimelineItem[], causedBy?: string): string[] {
  return timeline.filter((item) => causedBy === undefined || item.causedBy === causedBy).map(({ type }) => type);
}

async function expectNothingLostOrDoubled(ticketId: string): Promise<void> {
  const timeline = await eyes.timeline(ticketId);
  expect(timeline.map(({ sequence }) => sequence)).toEqual(gapless(timeline));
  const once = timeline.map(({ type, causedBy }) => `${causedBy} ${type}`);
  expect(new Set(once).size).toBe(once.length);
}

describe('workers killed −9 at once in the middle of', () => {
  const tickets = { send: '', change: '', approval: '' };
  let approved: readonly TimelineItem[];
  let verdict: PromiseSettledResult<unknown>;

  beforeAll(async () => {
    for (const name of ['send', 'change', 'approval'] as const) {
      const ticket = await eyes.newTicket(`cnv_${name}`, 'Where is my order?', isOpen);
      tickets[name] = ticket.id;
      await eyes.draft(ticket.id);
    }
    const asked = await desk.calls('openai', '/v1');
    await desk.sim('openai', 'PUT', 'faults', { path: '/v1', delayMs: 8_000, count: 2 });
    await desk.sim('front', 'PUT', 'faults', { path: '/conversations/cnv_send', delayMs: 8_000, status: 503 });
    await eyes.write('cnv_triage', 'My invoice is wrong.');
    await eventually(async () => (await desk.calls('openai', '/v1')).length === asked.length + 2);
    await eyes.answer(tickets.send, 'It is on its way.');
    await eventually(async () => (await eyes.frontAnswers('cnv_send')).length === 1);

    const { decision } = await holding(desk, 'lock table ticket_events in exclusive mode', crash);
    approved = await eventually(async () => {
      const timeline = await eyes.timeline(tickets.approval);
      return types(timeline).includes('message.sending') && timeline;
    });
    await desk.start('queues');
    [verdict] = await decision;
  });

  /** Brings three records to wait for the lock beside the calls under way, and kills. */
  async function crash() {
    await eyes.write('cnv_change', 'Are you there?');
    const [uncommitted] = await waiting(desk, RECORDING);
    const [draft] = await eyes.drafts(tickets.approval);
    const decision = Promise.allSettled([eyes.decide(tickets.approval, draft?.id ?? '', 'approve')]);
    await eyes.write('cnv_create', 'I have a question.');
    await waiting(desk, RECORDING, 3);
    expect((await desk.calls('openai', '/v1')).slice(-2).map(({ status }) => status)).toEqual([null, null]);
    expect(await eyes.frontAnswers('cnv_send')).toEqual([null]);
    await desk.kill('queues');

    // One statement dies with its worker; PostgreSQL finishes the others, of which Temporal will never hear.
    await desk.pool.query('select pg_terminate_backend($1)', [uncommitted]);
    await waiting(desk, RECORDING, 2);
    return { decision };
  }

  test('triage: the ticket is triaged once and has one draft and one message', async () => {
    const ticket = await eyes.ticketOf('cnv_triage', isOpen);
    expect(ticket.triage?.engine).toBe('simulator');
    await eyes.draft(ticket.id);
    const happened = types(await eyes.timeline(ticket.id)).sort();
    const wanted = ['draft.proposed', 'message.received', 'sla.activated', 'ticket.created', 'ticket.opened'];
    expect(happened).toEqual([...wanted, 'ticket.triaged']);
    expect(await eyes.messages(ticket.id)).toHaveLength(1);
    expect(await eyes.drafts(ticket.id)).toHaveLength(1);
    await expectNothingLostOrDoubled(ticket.id);
  });

  test('a send: Front accepts the reply once, and it is sent', async () => {
    const sent = await eyes.reply(tickets.send, 'sent');
    expect(sent.delivery?.attempts).toBe(2);
    expect(await eyes.frontAnswers('cnv_send')).toEqual([503, 202]);
    expect(await eyes.count(tickets.send, 'message.sent')).toBe(1);
    await expectNothingLostOrDoubled(tickets.send);
  });

  test('a record that did not commit: the message is there once', async () => {
    await eventually(async () => (await eyes.messages(tickets.change)).length === 2);
    await eventually(async () => (await eyes.count(tickets.change, 'draft.proposed')) === 2);
    expect(await eyes.count(tickets.change, 'message.received')).toBe(2);
    expect(await eyes.count(tickets.change, 'draft.stale')).toBe(1);
    await expectNothingLostOrDoubled(tickets.change);
  });

  test('a record that committed unheard: the new ticket is there once and goes on', async () => {
    const ticket = await eyes.ticketOf('cnv_create', isOpen);
    await eyes.draft(ticket.id);
    expect(await eyes.count(ticket.id, 'ticket.created')).toBe(1);
    expect(await eyes.messages(ticket.id)).toHaveLength(1);
    await expectNothingLostOrDoubled(ticket.id);
  });

  test('an approval that committed unheard: it stands, and its reply is sent once', async () => {
    const sent = await eyes.reply(tickets.approval, 'sent');
    expect(await eyes.frontAnswers('cnv_approval')).toEqual([202]);
    const timeline = await eyes.timeline(tickets.approval);
    expect(timeline.slice(0, approved.length)).toEqual(approved);
    expect(types(timeline, approved.at(-1)?.causedBy)).toEqual(['draft.decided', 'ticket.assigned', 'message.sending']);
    expect(sent.state).toBe('sent');
    await expectNothingLostOrDoubled(tickets.approval);
    if (verdict.status === 'rejected') expect(String(verdict.reason)).toContain('workflow_unavailable');
  });
});

describe('an approval that committed before Temporal, killed −9 as well, could hear of it', () => {
  test('stands, and its reply is sent once, though nobody asks for it again', async () => {
    const ticket = await eyes.newTicket('cnv_forgotten', 'Where is my order?', isOpen);
    const draft = await eyes.draft(ticket.id);
    const { decision } = await holding(desk, 'lock table ticket_events in exclusive mode', async () => {
      const decision = Promise.allSettled([eyes.decide(ticket.id, draft.id, 'approve')]);
      await waiting(desk, RECORDING);
      await Promise.all([temporal.kill(), desk.kill('queues')]);
      return { decision };
    });
    await eventually(async () => (await eyes.count(ticket.id, 'message.sending')) === 1);
    await decision;
    await temporal.start();
    await desk.start('queues');
    await eyes.reply(ticket.id, 'sent');
    expect(await eyes.frontAnswers('cnv_forgotten')).toEqual([202]);
    await expectNothingLostOrDoubled(ticket.id);
  });
});

describe('a message', () => {
  test('is recorded once when the relay is killed −9 between its hand-over and its commit', async () => {
    await desk.kill('relay');
    const { eventId } = await eyes.write('cnv_relay', 'Only once, please.');
    const ticket = await holding(desk, 'lock table inbox in share mode', async () => {
      await desk.start('relay');
      await waiting(desk, '%update inbox set state%');
      const recorded = await eyes.ticketOf('cnv_relay', isOpen);
      await desk.kill('relay');
      return recorded;
    });
    expect((await eyes.inbox(eventId))?.status).toBe('received');
    await desk.start('relay');
    await eventually(async () => (await eyes.inbox(eventId))?.status === 'applied');
    // The second hand-over is judged before this later message.
    await eyes.write('cnv_relay', 'And another.');
    await eventually(async () => (await eyes.messages(ticket.id)).length > 1);
    expect((await eyes.messages(ticket.id)).map(({ body }) => body)).toEqual(['Only once, please.', 'And another.']);
    await expectNothingLostOrDoubled(ticket.id);
  });

  test('that was answered 200 is one ticket, though all was killed −9 in the middle of twenty of them', async () => {
    const names = Array.from({ length: 20 }, (_, n) => `burst${n}`);
    const post = (name: string) =>
      eyes.write(`cnv_${name}`, 'Help!', { eventId: `evt_${name}`, messageId: `msg_${name}` });
    const answered: string[] = [];
    let killed: Promise<unknown> | undefined;
    const lane = async (mine: readonly string[]) => {
      for (const name of mine) {
        if ((await post(name)).status === 200) answered.push(name);
        if (answered.length >= 8) killed ??= Promise.all([desk.kill('api'), desk.kill('queues'), desk.kill('relay')]);
      }
    };
    await Promise.all([0, 1, 2, 3].map((first) => lane(names.filter((_, n) => n % 4 === first))));
    await killed;
    expect(answered.length).toBeLessThan(names.length);
    await Promise.all([desk.start('api'), desk.start('queues'), desk.start('relay')]);
    await Promise.all(answered.map((name) => eyes.ticketOf(`cnv_${name}`, isOpen)));

    // What was not answered, its vendor sends again.
    await Promise.all(names.filter((name) => !answered.includes(name)).map(post));
    await Promise.all(names.map((name) => eyes.ticketOf(`cnv_${name}`, isOpen)));
    const { rows } = await desk.pool.query<{ conversation: string; messages: number }>(
      `select t.state ->> 'conversationId' as conversation, count(m.id)::integer as messages
       from tickets t left join messages m on m.ticket_id = t.id
       where t.state ->> 'conversationId' like 'cnv_burst%' group by t.id`,
    );
    expect(rows.map(({ conversation }) => conversation).sort()).toEqual(names.map((name) => `cnv_${name}`).sort());
    expect(rows.map(({ messages }) => messages)).toEqual(names.map(() => 1));
  });
});
