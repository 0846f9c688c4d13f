import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { idempotent, startTicketDesk, type TicketDesk } from './ticket-desk.ts';

let on: TicketDesk;
beforeAll(async () => {
  on = await startTicketDesk();
});
afterAll(() => on.close());

interface Seat {
  availability?: string;
  capacity?: number;
  team?: string;
}

/** An agent of the desk; answers their id. */
async function agent({ availability = 'online', capacity = 5, team }: Seat = {}): Promise<string> {
  const { userId } = await on.api.newKey('agent');
  const { pool } = on.desk.db;
  await pool.query('update agents set availability = $2, capacity = $3 where id = $1', [
    userId,
    availability,
    capacity,
  ]);
  if (team !== undefined)
    await pool.query('insert into team_members (agent_id, team_id) values ($1, $2)', [userId, team]);
  return userId;
}

/** A ticket that nobody is chosen for by itself; `other` is taken by hand. */
const open = () => on.open({ supportType: 'other' });

describe('assigning', () => {
  test('gives the ticket to the agent, also to one who is away, and the timeline says so', async () => {
    const [{ id }, agentId] = [await open(), await agent({ availability: 'away' })];
    const headers = idempotent();
    const answer = await on.post(`/tickets/${id}/assign`, { agentId }, headers);
    expect([answer.status, answer.headers.get('etag')]).toEqual([200, `"${answer.body.version}"`]);
    expect(answer.body.assignee).toEqual({ id: agentId, name: 'Ada' });
    expect((await on.post(`/tickets/${id}/assign`, { agentId }, headers)).body).toEqual(answer.body);
    const told = await on.event(id, 'ticket.assigned');
    expect(told).toMatchObject({ actor: { id: on.userId }, data: { assigneeId: agentId, before: null } });
    const twice = await on.post(`/tickets/${id}/assign`, { agentId });
    expect(twice.body).toMatchObject({ status: 409, code: 'already_assigned', assigneeId: agentId });
  });

  test('refuses an agent who is full, and the ticket stays where it was', async () => {
    const agentId = await agent({ capacity: 1 });
    const [first, second] = [await open(), await open()];
    expect((await on.post(`/tickets/${first.id}/assign`, { agentId })).status).toBe(200);
    const answer = await on.post(`/tickets/${second.id}/assign`, { agentId });
    expect(answer.body).toMatchObject({ status: 409, code: 'agent_full', agentId });
    expect((await on.get(`/tickets/${second.id}`)).body.assignee).toBeNull();
    expect(await on.story(second.id)).not.toContain('ticket.assigned');
  });

  test('refuses whoever is no agent, a ticket that is done, an older version, and no ticket', async () => {
    const [{ id }, agentId] = [await open(), await agent()];
    const nobody = await on.post(`/tickets/${id}/assign`, { agentId: randomUUID() });
    expect([nobody.status, nobody.body.errors[0].path]).toEqual([422, 'agentId']);
    expect((await on.post(`/tickets/${id}/assign`, { agentId: 'me' })).status).toBe(422);
    const late = await on.post(`/tickets/${id}/assign`, { agentId }, { 'If-Match': '"1"' });
    expect([late.status, late.body.code]).toEqual([412, 'precondition_failed']);
    expect((await on.post('/tickets/T-9/assign', { agentId })).status).toBe(404);
    await on.post(`/tickets/${id}/status`, { status: 'resolved' });
    const done = await on.post(`/tickets/${id}/assign`, { agentId });
    expect(done.body).toMatchObject({ status: 409, code: 'illegal_transition', ticketStatus: 'resolved' });
  });

  test('is taken back by unassigning, once', async () => {
    const [{ id }, agentId] = [await open(), await agent()];
    await on.post(`/tickets/${id}/assign`, { agentId });
    const answer = await on.post(`/tickets/${id}/unassign`);
    expect([answer.status, answer.body.assignee]).toEqual([200, null]);
    expect((await on.event(id, 'ticket.unassigned')).data).toMatchObject({ before: agentId });
    const twice = await on.post(`/tickets/${id}/unassign`);
    expect([twice.status, twice.body.code]).toEqual([409, 'not_assigned']);
  });

  test('is for those whose role grants it', async () => {
    const { id } = await open();
    const { key } = await on.api.newKey('integration');
    for (const [method, path] of [
      ['POST', 'assign'],
      ['POST', 'notes'],
      ['POST', 'merge'],
      ['POST', 'escalation/acknowledge'],
      ['PATCH', ''],
      ['DELETE', ''],
    ] as const) {
      const answer = await on.api.ask(method, `/api/v1/tickets/${id}/${path}`.replace(/\/$/, ''), { key, json: {} });
      expect([path, answer.status, answer.body.code]).toEqual([path, 403, 'forbidden']);
    }
    expect((await on.api.ask('GET', `/api/v1/tickets/${id}/sla`, { key })).status).toBe(200);
  });
});

describe('transferring', () => {
  test('passes the ticket to an agent with a note, in one step', async () => {
    const [{ id }, agentId] = [await open(), await agent()];
    const headers = idempotent();
    const answer = await on.post(`/tickets/${id}/transfer`, { agentId, note: 'She knows the account.' }, headers);
    expect(answer.body.assignee.id).toBe(agentId);
    expect(
      (await on.post(`/tickets/${id}/transfer`, { agentId, note: 'She knows the account.' }, headers)).status,
    ).toBe(200);
    const { body: notes } = await on.get(`/tickets/${id}/notes`);
    expect(notes.items).toMatchObject([{ body: 'She knows the account.', author: { id: on.userId } }]);
    expect((await on.story(id)).slice(-2)).toEqual(['note.added', 'ticket.transferred']);
  });

  test('to a team takes it from whoever has it', async () => {
    const [{ id }, agentId] = [await open(), await agent()];
    await on.post(`/tickets/${id}/assign`, { agentId });
    const answer = await on.post(`/tickets/${id}/transfer`, { teamId: 'security' });
    expect(answer.body).toMatchObject({ assignee: null, team: 'security' });
    expect((await on.event(id, 'ticket.transferred')).data).toEqual({
      assigneeId: null,
      teamId: 'security',
      before: agentId,
    });
  });

  test('refuses both, neither, an unknown team, and an agent who is full without keeping the note', async () => {
    const [{ id }, agentId] = [await open(), await agent({ capacity: 0 })];
    for (const json of [{}, { agentId, teamId: 'billing' }, { teamId: 'nobody' }, { agentId: randomUUID() }]) {
      expect((await on.post(`/tickets/${id}/transfer`, json)).status).toBe(422);
    }
    const full = await on.post(`/tickets/${id}/transfer`, { agentId, note: 'canary of a transfer' });
    expect(full.body).toMatchObject({ status: 409, code: 'agent_full', agentId });
    const { rows } = await on.desk.db.pool.query(`select from texts where body = 'canary of a transfer'`);
    expect(rows).toHaveLength(0);
  });
});

describe('letting the desk choose', () => {
  test('gives the ticket to a fitting agent with the reason, once for one key', async () => {
    const [agentId] = [await agent({ team: 'billing' }), await agent({ team: 'security' })];
    const { id } = await on.open({ supportType: 'invoice-copy' });
    expect((await on.get(`/tickets/${id}`)).body).toMatchObject({ team: 'billing', assignee: null });
    const headers = idempotent();
    const answer = await on.post(`/tickets/${id}/auto-assign`, undefined, headers);
    expect([answer.status, answer.body.assignee?.id]).toEqual([200, agentId]);
    expect((await on.event(id, 'ticket.assigned')).data).toMatchObject({
      handOut: true,
      why: expect.stringContaining('billing'),
    });
    // As if the answer had been lost with the process that was about to keep it.
    await on.desk.db.pool.query(
      `update idempotency_keys set status = null, body = null, created_at = now() - interval '31 seconds' where key = $1`,
      [headers['Idempotency-Key']],
    );
    expect((await on.post(`/tickets/${id}/auto-assign`, undefined, headers)).status).toBe(200);
    expect((await on.story(id)).filter((type) => type === 'ticket.assigned')).toHaveLength(1);
    const twice = await on.post(`/tickets/${id}/auto-assign`);
    expect(twice.body).toMatchObject({ status: 409, code: 'already_assigned', assigneeId: agentId });
  });

  test('refuses with the reason when nobody fits, and when the kind is taken by hand', async () => {
    const { id } = await on.open({ supportType: 'invoice-copy' });
    await on.post(`/tickets/${id}/transfer`, { teamId: 'fulfilment' });
    const nobody = await on.post(`/tickets/${id}/auto-assign`);
    expect([nobody.status, nobody.body.code]).toEqual([409, 'agent_full']);
    expect(nobody.body.why).toBe('Nobody was chosen, because there is no agent in team fulfilment.');
    expect(nobody.body.detail).toBe(nobody.body.why);
    const byHand = await on.post(`/tickets/${(await open()).id}/auto-assign`);
    expect(byHand.body).toMatchObject({ code: 'agent_full', why: expect.stringContaining('by hand') });
  });

  test('by many at once fills every seat and no more: whoever meets a full agent gets another', async () => {
    const agents = [await agent({ team: 'technical', capacity: 2 }), await agent({ team: 'technical', capacity: 2 })];
    const tickets: string[] = [];
    for (let n = 0; n < 6; n++) tickets.push((await on.open({ supportType: 'accessibility' })).id);
    const choose = (ids: string[]) => Promise.all(ids.map((id) => on.post(`/tickets/${id}/auto-assign`)));
    expect((await choose(tickets.slice(0, 4))).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    expect((await choose(tickets.slice(4))).map(({ status }) => status)).toEqual([409, 409]);
    const { rows } = await on.desk.db.pool.query('select load from agents where id = any($1::uuid[])', [agents]);
    expect(rows).toEqual([{ load: 2 }, { load: 2 }]);
  });
});
