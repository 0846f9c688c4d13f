import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PersonCommand } from '../../domain/person-commands.ts';
import { answerId } from '../../domain/effects.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { createShadowClient, type ShadowClient } from '../../workflows/shadow-client.ts';
import type { ShadowResult } from '../../workflows/shadow-messages.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';
import { skip } from '../support/time.ts';

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;
const by = { kind: 'agent', id: null } as const;

const LADDER = [
  { delay: 0, page: [{ kind: 'channel' }] },
  { delay: 15 * MINUTE, page: [{ kind: 'assignee' }, { kind: 'role', role: 'lead' }] },
  { delay: HOUR, page: [{ kind: 'pagerDuty' }] },
];

let desk: TestTickets;
let shadows: ShadowClient;
beforeAll(async () => {
  desk = await startTickets();
  shadows = createShadowClient(desk.client, desk.prefix);
  const each = (ms: number) => ({ urgent: ms, high: ms, normal: ms, low: ms });
  const targets = { firstResponse: each(4 * HOUR), nextResponse: null, resolution: each(24 * HOUR) };
  await desk.db.pool.query(
    `update sla_policies set calendar_id = null, targets = $1, warn_at = '[0.5, 0.75]', ladder = $2`,
    [JSON.stringify(targets), JSON.stringify(LADDER)],
  );
  await desk.db.pool.query('update settings_version set version = version + 1');
});
afterAll(() => desk.stop());

/** A ticket that is triaged and owes nothing, with its workflow at rest. */
async function openTicket(): Promise<Ticket> {
  const name = await desk.newTicket();
  await desk.tickets.open(name, await desk.words('Invoice 7', 'Why was I charged twice?'));
  const handle = desk.client.workflow.getHandle(ticketWorkflowId(name.ticketId));
  return vi.waitUntil(
    async () => {
      const { raw } = await handle.describe();
      const ticket = await desk.read(name.ticketId);
      const rests = raw.pendingWorkflowTask == null && raw.pendingActivities?.length === 0;
      return rests && ticket?.status === 'open' && ticket.effects.length === 0 ? ticket : undefined;
    },
    { timeout: 20_000 },
  );
}

type Wish<C = PersonCommand> = C extends PersonCommand ? Omit<C, 'id' | 'requestId' | 'by'> : never;

/** The ticket after a person's command. */
async function after({ id }: Ticket, wish: Wish): Promise<Ticket> {
  await desk.tickets.execute(id, { ...wish, id: randomUUID(), requestId: 'request', by });
  const ticket = await desk.read(id);
  if (ticket === undefined) throw new Error('The ticket is not recorded.');
  return ticket;
}

/** What the shadow met, each with its instant counted from `start`. */
function story({ moments }: ShadowResult, start: number): [string, number][] {
  return moments.map((moment) => [moment.type === 'shadow.muted' ? moment.note : moment.type, moment.at - start]);
}

describe('a ticket that is left alone', () => {
  test('for two days meets its warnings, breaches and pages in order, each at its very instant, within seconds', async () => {
    const ticket = await openTicket();
    const start = ticket.clocks.firstResponse?.startedAt ?? NaN;
    const began = performance.now();
    const result = await shadows.lookAhead(ticket, Date.now(), start + 48 * HOUR);
    expect(performance.now() - began).toBeLessThan(8_000);
    const climbed = (breach: number): [string, number][] => [
      ['sla.breached', breach],
      ['Would page the desk’s channel.', breach],
      ['escalation.paged', breach],
      ['Would page the assignee, everybody who is lead.', breach + 15 * MINUTE],
      ['escalation.paged', breach + 15 * MINUTE],
      ['Would page PagerDuty.', breach + 75 * MINUTE],
      ['escalation.paged', breach + 75 * MINUTE],
    ];
    expect(story(result, start)).toEqual([
      ['sla.warned', 2 * HOUR],
      ['sla.warned', 3 * HOUR],
      ...climbed(4 * HOUR),
      ['sla.warned', 12 * HOUR],
      ['sla.warned', 18 * HOUR],
      ...climbed(24 * HOUR),
    ]);
    expect(result.ticket).toMatchObject({
      status: 'open',
      clocks: {
        firstResponse: { breachedAt: start + 4 * HOUR },
        resolution: { breachedAt: start + 24 * HOUR },
      },
      escalation: { target: 'resolution', step: 3, nextAt: null },
    });
  });

  test('goes through what its shadow foretold', async () => {
    const ticket = await openTicket();
    const { moments } = await shadows.lookAhead(ticket, Date.now(), Date.now() + 20 * HOUR);
    const foretold = moments.filter(({ type }) => type.startsWith('sla.')).map(({ type }) => type);
    expect(foretold).toEqual(['sla.warned', 'sla.warned', 'sla.breached', 'sla.warned', 'sla.warned']);
    await skip(desk.client, ticketWorkflowId(ticket.id), (20 * HOUR) / 1000);
    const happened = await vi.waitUntil(
      async () => {
        const events = (await desk.events(ticket.id)).map(({ type }) => type).filter((type) => type.startsWith('sla.'));
        return events.length > foretold.length ? events : undefined;
      },
      { timeout: 20_000 },
    );
    expect(happened).toEqual(['sla.activated', ...foretold]);
  });

  test('wakes when its snooze ends', async () => {
    const until = Date.now() + 30 * HOUR;
    const ticket = await after(await openTicket(), { type: 'snooze', until });
    const { moments, ticket: then } = await shadows.lookAhead(ticket, Date.now(), Date.now() + 40 * HOUR);
    expect(moments.filter(({ type }) => type.startsWith('ticket.'))).toMatchObject([
      { type: 'ticket.woken', at: until, data: { why: 'time' } },
    ]);
    expect(then.snoozed).toBeNull();
  });

  test('closes by itself when it is resolved, and not a moment before its days have passed', async () => {
    const { textId } = await desk.words('', 'Refunded');
    const ticket = await after(await openTicket(), { type: 'setStatus', status: 'resolved', reasonTextId: textId });
    const closesAt = (ticket.resolvedAt ?? NaN) + (ticket.supportType?.autoCloseAfter ?? 7 * DAY);
    const before = await shadows.lookAhead(ticket, Date.now(), closesAt - 1);
    expect(before).toMatchObject({ moments: [], ticket: { status: 'resolved' } });
    const { moments, ticket: then } = await shadows.lookAhead(ticket, Date.now(), Date.now() + 30 * DAY);
    expect(moments).toMatchObject([{ type: 'ticket.closed', at: closesAt }]);
    expect(then).toMatchObject({ status: 'closed', closedAt: closesAt });
  });

  test('sends the reply that waits for its time, and then waits on the customer with its clocks standing still', async () => {
    const { textId } = await desk.words('', 'It is on its way.');
    const sendAt = Date.now() + HOUR;
    const wish = { type: 'reply', messageId: randomUUID(), textId, sendAt, acknowledgement: false } as const;
    const ticket = await after(await openTicket(), wish);
    const result = await shadows.lookAhead(ticket, Date.now(), Date.now() + 48 * HOUR);
    expect(story(result, sendAt)).toEqual([
      ['message.sending', 0],
      ['Would send the reply; it is taken as accepted.', 0],
      ['message.sent', 0],
      ['sla.fulfilled', 0],
      ['ticket.pending', 0],
      ['sla.paused', 0],
    ]);
    expect((await desk.read(ticket.id))?.outbox).toHaveLength(1);
  });

  test('asks nobody for the triage and the draft that it still owes', async () => {
    const ticket = await openTicket();
    const asked = { requestId: 'request', messageId: randomUUID() };
    const owing: Ticket = {
      ...ticket,
      effects: [
        { kind: 'triage', id: 'triage:1', ...asked },
        { kind: 'draft', id: 'draft:1', ...asked },
        { kind: 'settings', id: 'settings:1', requestId: 'request' },
      ],
    };
    const from = Date.now();
    const result = await shadows.lookAhead(owing, from, from + HOUR);
    expect(story(result, from)).toEqual([
      ['Triage is not asked in a shadow.', 0],
      ['A draft is not asked in a shadow.', 0],
    ]);
    expect(result.ticket).toEqual({ ...ticket, effects: [] });
  });

  test('meets at once what was overdue when the shadow began', async () => {
    const ticket = await openTicket();
    const from = (ticket.createdAt ?? NaN) + 5 * HOUR;
    const result = await shadows.lookAhead(ticket, from, from + HOUR);
    expect(story(result, from).slice(0, 3)).toEqual([
      ['sla.warned', 0],
      ['sla.breached', 0],
      ['Would page the desk’s channel.', 0],
    ]);
  });
});

describe('a look ahead', () => {
  /** The shadows of the ticket, by what became of them. */
  async function shadowsOf({ id }: Ticket): Promise<string[]> {
    const statuses: string[] = [];
    const query = `WorkflowId STARTS_WITH "shadow-${id}"`;
    for await (const { status } of desk.client.workflow.list({ query })) statuses.push(status.name);
    return statuses;
  }

  test('changes nothing of the ticket, its events and its workflow', async () => {
    const ticket = await openTicket();
    const handle = desk.client.workflow.getHandle(ticketWorkflowId(ticket.id));
    const seen = async () => ({
      ticket: await desk.read(ticket.id),
      events: await desk.events(ticket.id),
      history: (await handle.describe()).historyLength,
    });
    const before = await seen();
    await shadows.lookAhead(ticket, Date.now(), Date.now() + 30 * DAY);
    expect(await seen()).toEqual(before);
    await vi.waitUntil(async () => (await shadowsOf(ticket)).join() === 'COMPLETED', { timeout: 20_000 });
  });

  test('fails rather than go round for ever, should the ticket owe what was answered before', async () => {
    const ticket = await openTicket();
    const about = { target: 'resolution', dueAt: Date.now(), step: 0, page: [] } as const;
    const page = { kind: 'page', id: 'page:1', requestId: 'request', ...about } as const;
    const owing: Ticket = { ...ticket, effects: [page], applied: [answerId(page)] };
    await expect(shadows.lookAhead(owing, Date.now(), Date.now() + HOUR)).rejects.toMatchObject({ code: 'internal' });
  });

  test('that nobody works on is given up in time, and its shadow is ended', async () => {
    const ticket = await openTicket();
    const nobody = createShadowClient(desk.client, `nobody-${randomUUID()}`, 500);
    await expect(nobody.lookAhead(ticket, Date.now(), Date.now() + HOUR)).rejects.toMatchObject({
      code: 'workflow_unavailable',
      message: expect.stringContaining('did not finish looking ahead in time'),
    });
    await vi.waitUntil(async () => (await shadowsOf(ticket)).join() === 'TERMINATED', { timeout: 20_000 });
  });
});
