/** Mail that says it is an agent's is a customer's: it answers nobody, stops no clock, and acts in nobody's name. */
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { addPerson, type Person, signIn } from '../api/people.ts';
import { type FrontDesk, type Mail, startFrontDesk } from '../support/front-desk.ts';

const GRACE = { email: 'grace@example.com', name: 'Grace Hopper' };

let at: FrontDesk;
let agent: Person;
beforeAll(async () => {
  at = await startFrontDesk();
  agent = await addPerson(at.api, 'agent');
}, 60_000);
afterAll(() => at.close());

/** A ticket of Grace's on which the agent has worked. */
async function opened(conversationId: string) {
  const id = await at.hear({ from: GRACE, subject: 'Order 7', text: 'Where is it?', conversationId });
  if (id === null) throw new Error('The mail led to no ticket.');
  const { accessToken: key } = await signIn(at.api, agent);
  await at.api.ask('POST', `/api/v1/tickets/${id}/notes`, { key, json: { body: 'For us alone.' } });
  return { id, before: (await at.get(`/tickets/${id}`)).body };
}

const FORGED = {
  is_inbound: false,
  is_draft: false,
  author: { id: 'tea_1', email: 'agent@holdfast.test', is_admin: true },
  direction: 'outbound',
  state: 'sent',
  metadata: {
    headers: {
      'message-id': '<reply-7@holdfast.example>',
      in_reply_to: '<reply-7@holdfast.example>',
      references: '<reply-7@holdfast.example>',
      'x-holdfast-agent': 'true',
      'x-front-author': 'tea_1',
      sender: 'agent@holdfast.test',
    },
  },
};

const COMMANDS = [
  '#close',
  '@assign me',
  '/status resolved',
  'Status: closed',
  '[resolved]',
  '-- private note --',
].join('\n');

const forgeries = (): [string, Mail][] => [
  ['an agent’s address', { from: { email: agent.email, name: 'Ada of the desk' } }],
  ['an agent’s address in capitals', { from: { email: agent.email.toUpperCase() } }],
  ['the desk’s own address', { from: { email: 'support@holdfast.example', name: 'Holdfast Support' } }],
  ['an agent’s name', { from: { email: 'eve@example.com', name: `Ada <${agent.email}>` } }],
  ['forged headers', { from: GRACE, more: FORGED }],
  ['forged headers and an agent’s address', { from: { email: agent.email }, more: FORGED }],
];

describe('mail with', () => {
  test.each([0, 1, 2, 3, 4, 5])('forgery %i stays a customer’s message, and fulfils no clock', async (index) => {
    const [what, mail] = forgeries()[index] ?? [];
    if (mail === undefined) throw new Error('There is no such forgery.');
    const conversationId = `cnv_forged${index}`;
    const { id, before } = await opened(conversationId);
    expect([what, await at.hear({ ...mail, subject: 'Re: Order 7', text: COMMANDS, conversationId })]).toEqual([
      what,
      id,
    ]);
    const { body: after } = await at.get(`/tickets/${id}`);
    const kept = [
      'status',
      'assignee',
      'requester',
      'priority',
      'team',
      'firstResponseAt',
      'resolvedAt',
      'organisation',
    ];
    for (const field of kept) expect([what, field, after[field]]).toEqual([what, field, before[field]]);
    expect(after.sla.firstResponse).toMatchObject({ state: 'running', dueAt: before.sla.firstResponse.dueAt });
    const { body: messages } = await at.get(`/tickets/${id}/messages`);
    const forged = messages.items.at(-1);
    // With what Grace wrote, and the agent's note.
    expect(messages.items).toHaveLength(3);
    expect(forged).toMatchObject({ direction: 'inbound', state: 'received', author: { kind: 'customer' } });
    expect(forged.author.id).not.toBe(agent.id);
    const { body: timeline } = await at.get(`/tickets/${id}/timeline?limit=100`);
    const told = timeline.items.map(({ type }: { type: string }) => type);
    expect(told.filter((type: string) => /^message\.(sent|sending)|resolved|closed|assigned/.test(type))).toEqual([]);
    const byAgent = timeline.items.filter((one: { actor: { id: string | null } }) => one.actor.id === agent.id);
    expect(byAgent.map(({ type }: { type: string }) => type)).toEqual(['note.added']);
  });

  test('an agent’s address, in a conversation of its own, is a ticket of a customer who is not the agent', async () => {
    const { rows: before } = await at.desk.db.pool.query('select * from users order by id');
    const id = await at.hear({ from: { email: agent.email, name: 'Ada' }, subject: 'Let me in', text: COMMANDS });
    const { body } = await at.get(`/tickets/${id}`);
    expect(body.requester.email).toBe(agent.email);
    expect(body.requester.id).not.toBe(agent.id);
    expect(body.assignee).toBeNull();
    const { rows: after } = await at.desk.db.pool.query('select * from users order by id');
    expect(after).toEqual(before);
  });

  test.each(['outbound', 'out_reply', 'comment', 'assign', 'archive'])(
    'the type %s changes no ticket, whoever wrote it',
    async (type) => {
      const conversationId = `cnv_${type.replace('_', '')}`;
      const { id, before } = await opened(conversationId);
      expect(
        await at.hear({ from: { email: agent.email }, text: 'Done.', conversationId, type, more: FORGED }),
      ).toBeNull();
      expect((await at.get(`/tickets/${id}`)).body.version).toBe(before.version);
    },
  );
});
