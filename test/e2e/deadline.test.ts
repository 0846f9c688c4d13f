/** The first-response deadline with real clocks: policies of seconds, and processes that are not there when it comes. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type Desk, eventually, type OwnTemporal, startDesk, startOwnTemporal } from '../support/desk.ts';
import { isOpen, type Reading, reading, type TicketJson } from './reading.ts';

const ESCALATION = ['sla.activated', 'sla.warned', 'sla.breached', 'escalation.paged'];

let temporal: OwnTemporal;
let desk: Desk;
let eyes: Reading;
beforeAll(async () => {
  temporal = await startOwnTemporal();
  desk = await startDesk(undefined, { temporalAddress: temporal.address });
  eyes = reading(desk);
});
afterAll(async () => {
  await desk.stop();
  await temporal.stop();
});

/** Messages from now on are to be answered within `ms`, whatever their priority. */
async function promise(ms: number): Promise<void> {
  const firstResponse = { urgent: ms, high: ms, normal: ms, low: ms };
  const targets = { firstResponse, nextResponse: null, resolution: null };
  await desk.pool.query(
    `with raised as (update settings_version set version = version + 1)
     update sla_policies set targets = $1`,
    [JSON.stringify(targets)],
  );
}

/** What the ticket's timeline tells of its deadline, in order. */
async function story(ticketId: string): Promise<string[]> {
  const types = (await eyes.timeline(ticketId)).map(({ type }) => type);
  return types.filter((type) => /^(sla|escalation)\./.test(type));
}

/** The messages with which Slack was told that the ticket is late. */
async function pages({ id }: TicketJson): Promise<{ text: string; blocks: unknown }[]> {
  const calls = await desk.calls<{ text: string; blocks: unknown; metadata: { event_payload: { key: string } } }>(
    'slack',
    '/api/chat.postMessage',
  );
  return calls.map(({ body }) => body).filter(({ metadata }) => metadata.event_payload.key.startsWith(`page:${id}:`));
}

/** Waits until the ticket has been escalated. */
async function escalated(ticketId: string): Promise<void> {
  await eventually(async () => (await story(ticketId)).includes('escalation.paged'));
}

describe('a first message', () => {
  test('that nobody answers is at risk, breached and paged about once, naming reference, customer and delay', async () => {
    await promise(4_000);
    const ticket = await eyes.newTicket('cnv_unanswered');
    await escalated(ticket.id);
    expect(await story(ticket.id)).toEqual(ESCALATION);
    const breach = (await eyes.timeline(ticket.id)).find(({ type }) => type === 'sla.breached');
    expect(Date.parse(breach?.at ?? '')).toBeGreaterThanOrEqual(Date.parse(String(breach?.data['dueAt'])));
    const [page, ...others] = await pages(ticket);
    expect(others).toEqual([]);
    expect(page?.text).toBe(`${ticket.reference}: first response less than a minute late`);
    const words = JSON.stringify(page?.blocks);
    for (const part of [ticket.reference, 'Grace Hopper', 'less than a minute late']) expect(words).toContain(part);
    expect(await eyes.ticket(ticket.id)).toMatchObject({ sla: { firstResponse: { state: 'breached' } } });
  });

  test('that is answered in time sets nothing off, not when its deadline passes either', async () => {
    await promise(8_000);
    const ticket = await eyes.newTicket('cnv_intime');
    await eyes.answer(ticket.id, 'It arrives today.');
    await eyes.reply(ticket.id, 'sent');
    const later = await eyes.newTicket('cnv_later');
    await escalated(later.id);
    expect(await story(ticket.id)).toEqual(['sla.activated', 'sla.fulfilled']);
    expect(await pages(ticket)).toEqual([]);
  });

  test('that comes hours late, because the desk was down, is counted from when it was written', async () => {
    await promise(4_000);
    const emittedAt = new Date(Date.now() - 125 * 60_000);
    await eyes.write('cnv_past', 'Hello?', { emittedAt: emittedAt.toISOString() });
    const ticket = await eyes.ticketOf('cnv_past');
    await escalated(ticket.id);
    expect(await story(ticket.id)).toEqual(ESCALATION);
    const breach = (await eyes.timeline(ticket.id)).find(({ type }) => type === 'sla.breached');
    expect(breach?.data['dueAt']).toBe(new Date(emittedAt.getTime() + 4_000).toISOString());
    expect((await pages(ticket)).map(({ text }) => text)).toEqual([
      expect.stringMatching(new RegExp(`^${ticket.reference}: first response 2 h [45] min late$`)),
    ]);
  });

  test('is paged about once, though the whole desk and Temporal were killed −9 before its deadline', async () => {
    await promise(8_000);
    const ticket = await eyes.newTicket('cnv_killed', 'Where is my order?', isOpen);
    await Promise.all([desk.kill('api'), desk.kill('workers'), temporal.kill()]);
    const { rows } = await desk.pool.query(
      `select type from ticket_events where ticket_id = $1 and type like 'sla.%' order by sequence`,
      [ticket.id],
    );
    expect(rows).toEqual([{ type: 'sla.activated' }]);
    await eventually(async () => Date.now() > Date.parse(ticket.sla.firstResponse?.dueAt ?? ''));
    await temporal.start();
    await Promise.all([desk.start('api'), desk.start('workers')]);
    await escalated(ticket.id);
    await promise(2_000);
    const later = await eyes.newTicket('cnv_after');
    await escalated(later.id);
    expect(await story(ticket.id)).toEqual(ESCALATION);
    expect(await pages(ticket)).toHaveLength(1);
  });
});
