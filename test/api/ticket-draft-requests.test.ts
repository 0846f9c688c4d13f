import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import { createOpenai } from '../../integrations/openai.ts';
import { type OpenaiSimulator, startOpenaiSimulator } from '../../local/simulators/openai.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import { controlsOf } from '../support/vendor-controls.ts';
import { addPerson, signIn } from './people.ts';
import { scopedKey } from './scoped-keys.ts';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

const apiKey = 'sk-for-tests';
let simulator: OpenaiSimulator;
let controls: ReturnType<typeof controlsOf>;
let on: TicketDesk;
beforeAll(async () => {
  simulator = await startOpenaiSimulator({ apiKey });
  controls = controlsOf(simulator.url);
  on = await startTicketDesk({}, { model: createOpenai({ apiKey, baseUrl: `${simulator.url}/v1`, model: 'gpt' }) });
});
afterAll(async () => {
  await on.close();
  await simulator.close();
});
beforeEach(async () => {
  await controls.fault();
  await controls.forgetCalls();
});

interface Draft {
  id: string;
  state: string;
  messageId: string;
  body: string;
}

const draftsOf = async (id: string): Promise<Draft[]> => (await on.get(`/tickets/${id}/drafts`)).body.items;

/** The drafts of the ticket once the one of this id waits. */
async function written(id: string, draftId: string): Promise<Draft[]> {
  return vi.waitUntil(
    async () => {
      const drafts = await draftsOf(id);
      return drafts.some((draft) => draft.id === draftId && draft.state === 'proposed') ? drafts : undefined;
    },
    { timeout: 20_000 },
  );
}

/** The words that the model was shown, for each time that it was asked. */
async function shown(): Promise<string[]> {
  return (await controls.calls()).map(({ body }) => JSON.stringify(body));
}

test('another draft is written beside the first, which is stale; the timeline and Temporal tell who asked', async () => {
  const { id, reference } = await on.open();
  const [first] = await draftsOf(id);
  const answer = await on.post(`/tickets/${reference}/drafts`);
  expect([answer.status, answer.body]).toEqual([
    202,
    {
      draftId: expect.any(String),
      messageId: first?.messageId,
      requestedBy: { kind: 'agent', id: on.userId, name: 'Ada' },
      requestedAt: expect.any(String),
    },
  ]);
  const { draftId } = answer.body;
  expect(await written(id, draftId)).toMatchObject([
    { id: first?.id, state: 'stale' },
    { id: draftId, state: 'proposed', messageId: first?.messageId },
  ]);
  expect((await on.story(id)).slice(-3)).toEqual(['draft.requested', 'draft.stale', 'draft.proposed']);
  expect(await on.event(id, 'draft.requested')).toMatchObject({
    actor: { id: on.userId },
    at: answer.body.requestedAt,
    data: { draftId, messageId: first?.messageId },
  });
  const { events } = await on.desk.client.workflow.getHandle(ticketWorkflowId(id)).fetchHistory();
  const updates = events?.map((event) => event.workflowExecutionUpdateAcceptedEventAttributes?.acceptedRequest?.input);
  expect(updates?.map((input) => input?.name)).toContain('requestDraft');

  const late = await on.post(`/tickets/${id}/drafts/${first?.id}/decision`, { decision: 'approve' });
  expect(late.body).toMatchObject({ status: 409, code: 'draft_stale', decision: 'stale' });
  const decided = await on.post(`/tickets/${id}/drafts/${draftId}/decision`, { decision: 'approve' });
  expect([decided.status, decided.body.state]).toEqual([200, 'approved']);
});

test('the model is asked anew, about the conversation as it stands by then, and never about notes', async () => {
  const { id } = await on.open({ body: 'Where is my kettle?' });
  await on.post(`/tickets/${id}/notes`, { body: 'He always asks that.' });
  await on.post(`/tickets/${id}/messages`, { body: 'It left us on Monday.' });
  await vi.waitUntil(async () => (await on.story(id)).includes('ticket.pending'), { timeout: 20_000 });
  await controls.forgetCalls();
  const { draftId } = (await on.post(`/tickets/${id}/drafts`)).body;
  await written(id, draftId);
  expect(await shown()).toEqual([
    expect.stringMatching(/Customer: Where is my kettle\?.*Support: It left us on Monday\./),
  ]);
  expect((await shown()).join()).not.toContain('He always asks that.');
});

describe('the same key', () => {
  test('asks once, also when the answer was lost, and while the draft is being written', async () => {
    const { id } = await on.open();
    await controls.fault({ delayMs: 1000, count: 1 });
    const headers = idempotent();
    const first = await on.post(`/tickets/${id}/drafts`, undefined, headers);
    expect(first.status).toBe(202);
    expect((await on.post(`/tickets/${id}/drafts`, undefined, headers)).body).toEqual(first.body);
    const { draftId } = first.body;
    await on.desk.db.pool.query(
      `update idempotency_keys set status = null, body = null, created_at = now() - interval '31 seconds' where key = $1`,
      [headers['Idempotency-Key']],
    );
    const again = await on.post(`/tickets/${id}/drafts`, undefined, headers);
    expect([again.status, again.body]).toEqual([202, first.body]);
    expect(await written(id, draftId)).toHaveLength(2);
    expect((await on.story(id)).filter((type) => type === 'draft.requested')).toHaveLength(1);
  });
});

test('two who ask at once are one draft: the other is told that it is being written, and may ask when it is let go', async () => {
  const { id } = await on.open();
  await controls.fault({ delayMs: 600_000, count: 1 });
  const answers = await Promise.all([on.post(`/tickets/${id}/drafts`), on.post(`/tickets/${id}/drafts`)]);
  const [asked, refused] = answers.toSorted((one, other) => one.status - other.status);
  expect([asked?.status, refused?.status, refused?.body]).toEqual([
    202,
    409,
    expect.objectContaining({
      code: 'illegal_transition',
      ticketStatus: 'open',
      draftId: asked?.body.draftId,
      detail: expect.stringMatching(/^A draft for T-\d+ is being written already; wait for it/),
    }),
  ]);
  expect((await on.story(id)).filter((type) => type === 'draft.requested')).toHaveLength(1);
  await on.post(`/tickets/${id}/messages`, { body: 'Never mind, I know it.' });
  const next = await on.post(`/tickets/${id}/drafts`);
  const drafts = await written(id, next.body.draftId);
  expect(drafts.map((draft) => draft.id)).not.toContain(asked?.body.draftId);
});

describe('a draft is refused, and nothing changes,', () => {
  async function refusalOf(id: string) {
    const before = [(await on.get(`/tickets/${id}`)).body.version, await on.story(id)];
    const { status, body } = await on.post(`/tickets/${id}/drafts`);
    expect([(await on.get(`/tickets/${id}`)).body.version, await on.story(id)]).toEqual(before);
    expect(await shown()).toEqual([]);
    return [status, body];
  }

  test('of a ticket that is done', async () => {
    const { id } = await on.open();
    await on.post(`/tickets/${id}/status`, { status: 'resolved' });
    await controls.forgetCalls();
    const resolved = { code: 'illegal_transition', ticketStatus: 'resolved', allowed: ['open', 'closed'] };
    expect(await refusalOf(id)).toEqual([409, expect.objectContaining(resolved)]);
    await on.remove(`/tickets/${id}`);
    expect(await refusalOf(id)).toEqual([409, expect.objectContaining({ code: 'ticket_closed' })]);
  });

  test('of a ticket that went into another', async () => {
    const [one, other] = [await on.open(), await on.open()];
    await on.post(`/tickets/${one.id}/merge`, { into: other.id });
    await vi.waitUntil(async () => (await on.desk.read(one.id))?.effects.length === 0, { timeout: 20_000 });
    await controls.forgetCalls();
    const merged = { code: 'ticket_merged', into: other.id };
    expect(await refusalOf(one.id)).toEqual([409, expect.objectContaining(merged)]);
  });

  test('of a type for which none are written', async () => {
    const { key } = await on.api.newKey('lead');
    const json = { id: 'legal', name: 'Legal', category: 'other', autonomy: 'off' };
    expect((await on.api.ask('POST', '/api/v1/support-types', { key, json })).status).toBe(201);
    const { id } = await on.open({ supportType: 'legal' });
    await controls.forgetCalls();
    const off = {
      code: 'illegal_transition',
      supportType: 'legal',
      detail: expect.stringMatching(/autonomy is "off"/),
    };
    expect(await refusalOf(id)).toEqual([409, expect.objectContaining(off)]);
    expect(await draftsOf(id)).toEqual([]);
  });

  test('to whoever does not see the ticket, may not decide drafts, or knows an older version of it', async () => {
    const { id } = await on.open({ supportType: 'refund' });
    await controls.forgetCalls();
    const before = await on.story(id);
    const ask = (key: string, path = `/tickets/${id}/drafts`) => on.api.ask('POST', `/api/v1${path}`, { key });
    const elsewhere = await scopedKey(on.api, 'agent', { supportTypes: ['bug'] });
    expect((await ask(elsewhere.key)).body).toMatchObject({ status: 404, code: 'not_found' });
    const customer = await signIn(on.api, await addPerson(on.api, 'customer'));
    for (const key of [customer.accessToken, (await on.api.newKey('integration')).key]) {
      expect((await ask(key)).body).toMatchObject({ status: 403, code: 'forbidden' });
    }
    expect((await on.api.ask('POST', `/api/v1/tickets/${id}/drafts`)).status).toBe(401);
    expect((await ask(on.key, '/tickets/T-999999/drafts')).status).toBe(404);
    const old = await on.post(`/tickets/${id}/drafts`, undefined, { 'If-Match': '"1"' });
    expect(old.body).toMatchObject({ status: 412, code: 'precondition_failed' });
    expect(await on.story(id)).toEqual(before);
    expect(await shown()).toEqual([]);
    const here = await scopedKey(on.api, 'agent', { supportTypes: ['refund'] });
    expect((await ask(here.key)).status).toBe(202);
  });
});
