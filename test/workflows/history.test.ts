import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Worker } from '@temporalio/worker';
import { pino } from 'pino';
import { afterAll, beforeAll, describe, expect, inject, test, vi } from 'vitest';
import { bundleWorkflows } from '../../workers/bundle.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { historyFromJson } from '../support/history.ts';
import { startTickets, type TestTickets } from '../support/tickets.ts';

const HISTORIES = new URL('../histories/', import.meta.url);

describe('histories of earlier versions', async () => {
  const files = (await readdir(HISTORIES)).filter((file) => file.endsWith('.json'));

  test.each(files)('%s replays without a difference', async (file) => {
    const history = historyFromJson(await readFile(new URL(file, HISTORIES), 'utf8'));
    const workflowBundle = { codePath: inject('workflowBundle') };
    await expect(Worker.runReplayHistory({ workflowBundle }, history)).resolves.toBeUndefined();
  });

  test('are there', () => {
    expect(files.length).toBeGreaterThan(0);
  });

  describe('with what hands traces on in the bundle', () => {
    let folder: string;
    let codePath: string;
    beforeAll(async () => {
      folder = await mkdtemp(join(tmpdir(), 'holdfast-traced-'));
      codePath = join(folder, 'workflows.js');
      const { code } = await bundleWorkflows(pino({ level: 'warn' }), true);
      await writeFile(codePath, code);
    });
    afterAll(() => rm(folder, { recursive: true }));

    test.each(files)('%s replays without a difference', async (file) => {
      const history = historyFromJson(await readFile(new URL(file, HISTORIES), 'utf8'));
      await expect(Worker.runReplayHistory({ workflowBundle: { codePath } }, history)).resolves.toBeUndefined();
    });

    test('another bundle is tried than the one of a desk without traces, which holds none of it', async () => {
      const paths = [codePath, inject('workflowBundle')];
      const [traced, untraced] = await Promise.all(paths.map((path) => readFile(path, 'utf8')));
      expect(traced).toContain('_tracer-data');
      expect(untraced).not.toContain('_tracer-data');
    });
  });
});

describe('a ticket with a long history', () => {
  let desk: TestTickets;
  beforeAll(async () => {
    desk = await startTickets({}, { cached: 0 });
  });
  afterAll(() => desk.stop());

  test('continues as new with everything carried over, also with no workflow kept in memory', async () => {
    const name = await desk.newTicket();
    await desk.tickets.open(name, await desk.words('Long story', 'Chapter one'));
    const handle = desk.client.workflow.getHandle(ticketWorkflowId(name.ticketId));
    const { runId } = await handle.describe();
    let messages = 1;
    // The tests' server suggests a new run after 120 events, a production one after some thousand.
    while ((await handle.describe()).runId === runId) {
      messages += 1;
      expect(messages).toBeLessThan(60);
      await desk.tickets.deliver(name, await desk.words('Long story', `Chapter ${messages}`));
      await vi.waitUntil(
        async () => {
          const { rows } = await desk.db.pool.query<{ count: number }>('select count(*)::integer from messages');
          const ticket = await desk.read(name.ticketId);
          return rows[0]?.count === messages && ticket?.draft != null && ticket.effects.length === 0;
        },
        { timeout: 20_000 },
      );
    }
    const by = { kind: 'agent', id: null } as const;
    const { textId } = await desk.words('', 'The end');
    const asked = { type: 'reply', id: 'after', requestId: 'r', by } as const;
    const reply = { messageId: crypto.randomUUID(), textId, sendAt: null, acknowledgement: false };
    await desk.tickets.execute(name.ticketId, { ...asked, ...reply });
    await vi.waitUntil(async () => (await desk.read(name.ticketId))?.status === 'pending', { timeout: 20_000 });
    const sequences = (await desk.db.pool.query<{ sequence: number }>('select sequence from ticket_events order by 1'))
      .rows;
    expect(sequences.map(({ sequence }) => sequence)).toEqual(sequences.map((_, index) => index + 1));
  });
});
