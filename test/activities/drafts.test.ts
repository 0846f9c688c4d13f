import { afterAll, beforeAll, expect, test } from 'vitest';
import { randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { createAiActivities } from '../../activities/ai.ts';
import type { Database } from '../../db/orm.ts';
import { createSettings } from '../../db/settings.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { createQuimbi } from '../../integrations/quimbi.ts';
import { quimbiSignature, startQuimbiSimulator } from '../../local/simulators/quimbi.ts';
import type { RunningSimulator } from '../../local/simulators/simulator.ts';
import { openTestDatabase } from '../support/database.ts';
import { controlsOf } from '../support/vendor-controls.ts';
import { apply, hire, openTicket, proposeDraft, storeText } from './support.ts';

const apiKey = 'qpk_for_tests_0123456789';
let db: Database;
let simulator: RunningSimulator;
let controls: ReturnType<typeof controlsOf>;
beforeAll(async () => {
  [db, simulator] = await Promise.all([openTestDatabase(), startQuimbiSimulator({ apiKey })]);
  controls = controlsOf(simulator.url);
});
afterAll(async () => {
  await simulator.close();
  await db.close();
});

async function draftOf(ticket: Ticket, another?: string) {
  const { pool } = db;
  const activities = createAiActivities({
    pool,
    logger: pino({ level: 'silent' }),
    settings: createSettings(pool),
    model: undefined,
    second: createQuimbi({ apiUrl: simulator.url, apiKey }),
    cancelled: () => new AbortController().signal,
  });
  const messageId = ticket.newestMessageId ?? '';
  const asked = {
    ticketId: ticket.id,
    effectId: `draft:${another ?? messageId}`,
    requestId: 'request',
    messageId,
    ...(another !== undefined && { draftId: another }),
  };
  const draft = await activities.draft(asked);
  expect(await activities.draft(asked)).toEqual(draft);
  const { rows } = await pool.query<{ body: string }>('select body from texts where id = $1', [draft.textId]);
  return { ...draft, body: rows[0]?.body };
}

test('without a model the second engine drafts, once, and the heuristic when that one is down', async () => {
  const draft = await draftOf(await openTicket(db.pool, { body: 'Where is my kettle?' }));
  expect(draft).toMatchObject({ engine: 'simulator', body: expect.stringContaining(quimbiSignature) });
  const calls = await controls.calls();
  expect(calls.map(({ path }) => path)).toEqual(['/api/ml/generate/draft']);
  expect(calls[0]?.body).toMatchObject({ messages: [{ from: 'customer', content: 'Where is my kettle?' }] });

  await controls.fault({ status: 503, count: 5 });
  expect(await draftOf(await openTicket(db.pool))).toMatchObject({ engine: 'heuristic' });
});

test('another draft of the same message is asked for anew, once, and has the id that was said', async () => {
  const ticket = await openTicket(db.pool, { body: 'Where is my kettle?' });
  const first = await draftOf(ticket);
  await controls.fault();
  await controls.forgetCalls();
  const another = await draftOf(ticket, randomUUID());
  expect(await controls.calls()).toHaveLength(1);
  expect(another.textId).not.toBe(first.textId);
  const [one, other] = [randomUUID(), randomUUID()];
  expect((await draftOf(ticket, one)).draftId).toBe(one);
  expect((await draftOf(ticket, other)).draftId).toBe(other);
  expect(await draftOf(ticket)).toEqual(first);
});

test('how far an edited draft went out from what was proposed is kept with it', async () => {
  const decided = async (decision: 'approve' | 'edit' | 'discard', edited: string | null) => {
    const ticket = await proposeDraft(db.pool, await openTicket(db.pool), 'It is on its way.');
    const draftId = ticket.draft?.id ?? '';
    await apply(db.pool, ticket, {
      type: 'decideDraft',
      id: `test:${randomUUID()}`,
      requestId: 'request',
      draftId,
      decision,
      messageId: randomUUID(),
      textId: edited === null ? null : await storeText(db.pool, edited),
      sendAt: null,
      by: { kind: 'agent', id: await hire(db.pool, 'Ada') },
    });
    const { rows } = await db.pool.query('select state, edit_distance as distance from drafts where id = $1', [
      draftId,
    ]);
    return rows[0];
  };
  expect(await decided('edit', 'It is on its long way!')).toEqual({ state: 'edit', distance: 6 });
  expect(await decided('edit', 'It is on its way.')).toEqual({ state: 'edit', distance: 0 });
  expect(await decided('approve', null)).toEqual({ state: 'approve', distance: null });
  expect(await decided('discard', null)).toEqual({ state: 'discard', distance: null });
});
