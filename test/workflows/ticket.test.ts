import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { PersonCommand } from '../../domain/person-commands.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';
import { skip } from '../support/time.ts';

const HOUR = 3600;

let desk: TestTickets;
beforeAll(async () => {
  desk = await startTickets();
});
afterAll(() => desk.stop());

interface Name {
  ticketId: string;
  number: number;
  workflowId: string;
}

async function openTicket(subject = 'Invoice 7', body = 'Why was I charged twice?'): Promise<Name> {
  const name = await desk.newTicket();
  await desk.tickets.open(name, await desk.words(subject, body));
  return { ...name, workflowId: ticketWorkflowId(name.ticketId) };
}

/** A ticket that is triaged and has its draft, so that nothing but what the test does happens to it. */
async function restingTicket(): Promise<Name> {
  const name = await openTicket();
  await until(
    name.ticketId,
    (ticket) => ticket.status === 'open' && ticket.draft !== null && ticket.effects.length === 0,
  );
  return name;
}

function until(ticketId: string, ready: (ticket: Ticket) => boolean): Promise<Ticket> {
  return vi.waitUntil(
    async () => {
      const ticket = await desk.read(ticketId);
      return ticket !== undefined && ready(ticket) ? ticket : undefined;
    },
    { timeout: 20_000 },
  );
}

async function types(ticketId: string): Promise<string[]> {
  return (await desk.events(ticketId)).map((event) => event.type);
}

function happened(ticketId: string, type: string) {
  return vi.waitUntil(async () => (await types(ticketId)).includes(type), { timeout: 20_000 });
}

const asked = () => ({ id: randomUUID(), requestId: 'request', by: { kind: 'agent', id: null } }) as const;
const execute = (ticketId: string, command: PersonCommand) => desk.tickets.execute(ticketId, command);

async function reply(sendAt: number | null) {
  const { textId } = await desk.words('', 'We look into it.');
  const words = { messageId: randomUUID(), textId, sendAt, acknowledgement: false };
  return { type: 'reply', ...asked(), ...words } as const;
}

async function messageState(messageId: string): Promise<string | undefined> {
  const { rows } = await desk.db.pool.query<{ state: string }>('select state from messages where id = $1', [messageId]);
  return rows[0]?.state;
}

describe('a ticket from its first message on', () => {
  test('is triaged, gets a draft, is answered when that is approved, and waits on the customer', async () => {
    const { ticketId } = await restingTicket();
    const draftId = (await desk.read(ticketId))?.draft?.id ?? '';
    const approval = { draftId, decision: 'approve', messageId: randomUUID(), textId: null, sendAt: null } as const;
    await execute(ticketId, { type: 'decideDraft', ...asked(), ...approval });
    await until(ticketId, ({ status }) => status === 'pending');
    const story = await types(ticketId);
    expect(story.slice(0, 3)).toEqual(['ticket.created', 'message.received', 'sla.activated']);
    const meanwhile = story.slice(3, story.indexOf('draft.decided'));
    expect(meanwhile).toEqual(expect.arrayContaining(['draft.proposed', 'ticket.triaged', 'ticket.opened']));
    expect(story.slice(story.indexOf('draft.decided'))).toEqual([
      'draft.decided',
      'message.sending',
      'message.sent',
      'sla.fulfilled',
      'ticket.pending',
      'sla.paused',
    ]);
  });

  test('unanswered, is at risk, then breached, then paged about step by step, days before anyone looks', async () => {
    const { ticketId, workflowId } = await restingTicket();
    await skip(desk.client, workflowId, 48 * HOUR);
    await happened(ticketId, 'escalation.failed');
    const events = (await desk.events(ticketId)).filter(({ data }) => data['target'] === 'firstResponse');
    // Nobody can be paged here, so that each step goes on to the next at once.
    expect(events.map(({ type, data }) => [type, data['step']])).toEqual([
      ['sla.warned', undefined],
      ['sla.breached', undefined],
      ['escalation.failed', 0],
      ['escalation.failed', 1],
    ]);
    const ticket = await desk.read(ticketId);
    const clock = ticket?.clocks.firstResponse;
    expect(events[1]?.at).toBe(clock?.breachedAt);
    const late = (clock?.breachedAt ?? 0) - (clock?.dueAt ?? 0);
    expect(late).toBeGreaterThanOrEqual(0);
    expect(late).toBeLessThan(60_000);
  });
});

describe('what a ticket has ahead', () => {
  test('a snooze ends at its time, though the policy’s deadline comes later', async () => {
    const { ticketId, workflowId } = await restingTicket();
    const { version } = await execute(ticketId, { type: 'snooze', ...asked(), until: Date.now() + 60 * 60_000 });
    const before = (await types(ticketId)).length;
    await skip(desk.client, workflowId, 1.1 * HOUR);
    const woken = await until(ticketId, ({ snoozed }) => snoozed === null);
    expect(woken.version).toBe(version + 1);
    expect((await types(ticketId)).slice(before)).toEqual(['ticket.woken']);
  });

  test('a scheduled reply goes out at its time, and one that was taken back never', async () => {
    const { ticketId, workflowId } = await restingTicket();
    const [kept, undone] = [await reply(Date.now() + 40 * 60_000), await reply(Date.now() + 20 * 60_000)];
    await execute(ticketId, kept);
    await execute(ticketId, undone);
    expect([await messageState(kept.messageId), await messageState(undone.messageId)]).toEqual([
      'scheduled',
      'scheduled',
    ]);
    await execute(ticketId, { type: 'undoSend', ...asked(), messageId: undone.messageId });
    await skip(desk.client, workflowId, HOUR);
    await until(ticketId, ({ status }) => status === 'pending');
    expect([await messageState(kept.messageId), await messageState(undone.messageId)]).toEqual(['sent', 'undone']);
  });

  test('a resolved ticket closes by itself, and its workflow ends', async () => {
    const { ticketId, workflowId } = await restingTicket();
    const { textId: reasonTextId } = await desk.words('', 'It was a duplicate.');
    await execute(ticketId, { type: 'setStatus', ...asked(), status: 'resolved', reasonTextId });
    await skip(desk.client, workflowId, 40 * 24 * HOUR);
    await until(ticketId, ({ status }) => status === 'closed');
    await expect(desk.client.workflow.getHandle(workflowId).result()).resolves.toBeUndefined();
  });
});

describe('settings', () => {
  test('are looked up when the priority changes, and both deadlines move', async () => {
    const { ticketId } = await restingTicket();
    const policy = (await desk.read(ticketId))?.policy;
    await execute(ticketId, { type: 'change', ...asked(), priority: 'low' });
    const low = await until(ticketId, ({ clocks, effects }) => effects.length === 0 && clocks.resolution !== null);
    expect(low.clocks.firstResponse?.target).toBe(policy?.targets.firstResponse?.low);
    expect(low.clocks.resolution?.target).toBe(policy?.targets.resolution?.low);
  });

  test('that change nothing for a ticket are recorded all the same, so that its row and its workflow agree', async () => {
    const { ticketId } = await restingTicket();
    for (const tag of ['first', 'second', 'third']) {
      await execute(ticketId, { type: 'change', ...asked(), tags: [tag] });
      await until(ticketId, ({ effects, tags }) => effects.length === 0 && tags[0] === tag);
    }
    const { version } = await execute(ticketId, { type: 'change', ...asked(), teamId: null });
    expect((await desk.read(ticketId))?.version).toBe(version);
    expect((await types(ticketId)).filter((type) => type === 'ticket.changed')).toHaveLength(4);
  });
});

describe('tickets that belong together', () => {
  const merge = (from: Name, into: Name) =>
    execute(from.ticketId, { type: 'merge', ...asked(), into: into.ticketId, intoNumber: into.number });

  test('know of each other: the one goes into the other, and is taken back', async () => {
    const [one, other] = [await restingTicket(), await restingTicket()];
    expect(await merge(one, other)).toMatchObject({ status: 'closed' });
    await happened(other.ticketId, 'ticket.absorbed');
    await until(one.ticketId, ({ effects }) => effects.length === 0);
    expect(await execute(one.ticketId, { type: 'unmerge', ...asked() })).toMatchObject({ status: 'open' });
    await happened(other.ticketId, 'ticket.released');
    const back = await until(one.ticketId, ({ effects }) => effects.length === 0);
    expect(back.clocks.firstResponse?.since).not.toBeNull();
  });

  test('are never both closed when each is merged into the other at once', async () => {
    for (let round = 0; round < 4; round += 1) {
      const [one, other] = [await restingTicket(), await restingTicket()];
      const both = await Promise.allSettled([merge(one, other), merge(other, one)]);
      expect(both.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
      expect(both.find(({ status }) => status === 'rejected')).toMatchObject({ reason: { code: 'merge_refused' } });
      const states = await Promise.all([one, other].map(({ ticketId }) => desk.read(ticketId)));
      expect(states.filter((ticket) => ticket?.status === 'closed')).toHaveLength(1);
      expect(states.filter((ticket) => ticket?.status === 'open')).toHaveLength(1);
    }
  });

  test('in a chain that would close into a ring are never all closed', async () => {
    const [one, two, three] = [await restingTicket(), await restingTicket(), await restingTicket()];
    const all = await Promise.allSettled([merge(one, two), merge(two, three), merge(three, one)]);
    expect(all.filter(({ status }) => status === 'fulfilled').length).toBeLessThan(3);
    const states = await Promise.all([one, two, three].map(({ ticketId }) => desk.read(ticketId)));
    expect(states.map((ticket) => ticket?.status)).toContain('open');
  });
});
