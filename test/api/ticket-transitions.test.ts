import { createHash, randomUUID } from 'node:crypto';
import { Client, Connection } from '@temporalio/client';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type Status, STATUSES, TRANSITIONS } from '../../domain/status.ts';
import { type Desk, startDesk } from '../support/desk.ts';

// Nobody triages here, so that a ticket stays as it is put.
let desk: Desk;
let connection: Connection;
const key = `hf_${randomUUID()}`;
beforeAll(async () => {
  desk = await startDesk(['api', 'tickets']);
  connection = await Connection.connect({ address: desk.temporalAddress });
  await desk.pool.query(
    `insert into api_keys (id, name, role, user_id, hash, created_at)
     select $1, 'key', 'agent', id, $2, now() from users where role = 'agent' and scope is null limit 1`,
    [randomUUID(), createHash('sha256').update(key).digest('hex')],
  );
});
afterAll(async () => {
  await connection.close();
  await desk.stop();
});

async function ask(method: string, path: string, json?: unknown) {
  const answer = await fetch(`${desk.url}/api/v1${path}`, {
    method,
    headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
    ...(json !== undefined && { body: JSON.stringify(json) }),
  });
  const body: { id: string; status: string | number; detail: string } = JSON.parse(await answer.text());
  return { status: answer.status, body };
}

async function ticketIn(status: Status): Promise<string> {
  const requester = { email: `${randomUUID()}@example.com` };
  const { body } = await ask('POST', '/tickets', { subject: 'Hello', body: 'A question', requester });
  expect(body.status).toBe('triaging');
  if (status !== 'triaging') {
    expect((await ask('POST', `/tickets/${body.id}/status`, { status })).body.status).toBe(status);
  }
  return body.id;
}

async function historyOf(id: string) {
  const { events } = await new Client({ connection }).workflow.getHandle(`ticket-${id}`).fetchHistory();
  return events ?? [];
}

/** All that is known of the ticket: its row, what happened to it, and the events of its workflow's history. */
async function everything(id: string) {
  const { rows } = await desk.pool.query('select t::text as row from tickets t where id = $1', [id]);
  const { rows: events } = await desk.pool.query('select e::text as event from ticket_events e where ticket_id = $1', [
    id,
  ]);
  const history = (await historyOf(id)).map(({ eventId, eventType }) => `${String(eventId)} ${eventType}`);
  return { rows, events, history };
}

/** Whether Temporal's lists are still to follow the ticket: the second after which they do has not passed. */
async function isBehind(id: string): Promise<boolean> {
  const history = await historyOf(id);
  if (history.some((event) => event.workflowExecutionCompletedEventAttributes)) return false;
  const fired = history.map((event) => event.timerFiredEventAttributes?.timerId);
  const seconds = history.filter(
    (event) => Number(event.timerStartedEventAttributes?.startToFireTimeout?.seconds) === 1,
  );
  return seconds.some((event) => !fired.includes(event.timerStartedEventAttributes?.timerId));
}

/** The same, once what followed from the last step has come to rest. */
async function atRest(id: string) {
  let before = await everything(id);
  await vi.waitUntil(
    async () => {
      const now = await everything(id);
      const still = JSON.stringify(now) === JSON.stringify(before);
      before = now;
      return still && !(await isBehind(id));
    },
    { interval: 500, timeout: 20_000 },
  );
  return before;
}

// A ticket is recorded as triaging at once, so nobody meets one that is new.
test.each(STATUSES.filter((status) => status !== 'new'))(
  'every illegal step from %s is refused by the API, names those that are allowed, and leaves no trace',
  async (from) => {
    const id = await ticketIn(from);
    const before = await atRest(id);
    for (const status of STATUSES.filter((one) => !TRANSITIONS[from].includes(one))) {
      const answer = await ask('POST', `/tickets/${id}/status`, { status, reason: 'canary of an illegal step' });
      expect(answer).toMatchObject({
        status: 409,
        body: { code: 'illegal_transition', ticketStatus: from, allowed: TRANSITIONS[from] },
      });
      expect(answer.body.detail).toContain(`is ${from} and cannot become ${status}`);
      for (const allowed of TRANSITIONS[from]) expect(answer.body.detail).toContain(allowed);
    }
    expect(await everything(id)).toEqual(before);
    const { rows } = await desk.pool.query(`select from texts where body like 'canary%'`);
    expect(rows).toHaveLength(0);
  },
);

test('every legal step of the table is taken by the API', async () => {
  for (const from of STATUSES.filter((status) => status !== 'new')) {
    for (const to of TRANSITIONS[from]) {
      const answer = await ask('POST', `/tickets/${await ticketIn(from)}/status`, { status: to });
      expect([from, to, answer.status, answer.body.status]).toEqual([from, to, 200, to]);
    }
  }
});
