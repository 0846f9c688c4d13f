/** The desk of the matrix: everybody whom it names, a ticket that some of them may see, and words that give it away. */
import { randomUUID } from 'node:crypto';
import { vi } from 'vitest';
import { EVERYTHING } from '../../domain/scope.ts';
import type { Person } from './matrix.ts';
import { addPerson, type Person as User, signIn } from './people.ts';
import { startTicketDesk, type TicketDesk } from './ticket-desk.ts';

/** What nobody reads who does not see the ticket, and what a customer never reads of it. */
export const CANARIES = {
  ticket: ['canary-subject', 'canary-words', 'canary-requester', 'canary-organisation'],
  inside: ['canary-note', 'canary-tag', 'canary-reason'],
};

const ROLE = {
  customer: 'customer',
  otherCustomer: 'customer',
  outOfScope: 'agent',
  agent: 'agent',
  lead: 'lead',
  admin: 'admin',
} as const;

/** Belongs to the team `billing`. */
const TYPE = 'refund';

export interface MatrixDesk {
  on: TicketDesk;
  /** The credential of each; null for nobody's. */
  credential: Record<Person, string | null>;
  /** A credential of somebody like the person, for what ends the sessions of whoever does it. */
  likeThatOf(person: Person): Promise<string | null>;
  customerId: string;
  organisationId: string;
  agentId: string;
  /** A ticket of the customer, triaged, with a note, a draft and a tag. */
  newTicket(): Promise<MatrixTicket>;
  /** One such ticket, for what takes two: others are merged into it and linked with it. */
  other: MatrixTicket;
  /** A name that is free. */
  name(): string;
  close(): Promise<void>;
}

export interface MatrixTicket {
  id: string;
  messageId: string;
  draftId: string;
}

const ORGANISATION = randomUUID();
const REQUESTER = { email: 'canary-requester@example.com', name: 'Canary-Requester' };

/** Starts the desk and lets everybody sign in. */
export async function startMatrixDesk(): Promise<MatrixDesk> {
  const on = await startTicketDesk({ pagerduty: ['the secret of a subscription'] });
  const { api } = on;
  const { pool } = api.db;
  await pool.query(`insert into organisations (id, name) values ($1, 'canary-organisation')`, [ORGANISATION]);
  const users = {
    customer: await addPerson(api, 'customer'),
    otherCustomer: await addPerson(api, 'customer'),
    outOfScope: await addPerson(api, 'agent'),
    agent: await addPerson(api, 'agent'),
    lead: await addPerson(api, 'lead'),
    admin: await addPerson(api, 'admin'),
  };
  const scope = { ...EVERYTHING, teams: ['technical'] };
  await pool.query('update users set scope = $2 where id = $1', [users.outOfScope.id, JSON.stringify(scope)]);
  const { rows } = await pool.query<{ id: string }>(
    `update customers set email = $2, name = $3, organisation_id = $4
     where id = (select customer_id from users where id = $1) returning id`,
    [users.customer.id, REQUESTER.email, REQUESTER.name, ORGANISATION],
  );
  const tokenOf = async (user: User) => (await signIn(api, user)).accessToken;
  const [bot, key] = [await api.newKey('bot'), await api.newKey('integration')];
  await pool.query(`update api_keys set permissions = '[]' where id = $1`, [key.keyId]);
  const desk: MatrixDesk = {
    on,
    credential: {
      anonymous: null,
      customer: await tokenOf(users.customer),
      otherCustomer: await tokenOf(users.otherCustomer),
      outOfScope: await tokenOf(users.outOfScope),
      agent: await tokenOf(users.agent),
      lead: await tokenOf(users.lead),
      admin: await tokenOf(users.admin),
      bot: bot.key,
      key: key.key,
    },
    likeThatOf: async (person) =>
      person === 'anonymous' || person === 'bot' || person === 'key'
        ? desk.credential[person]
        : tokenOf(await addPerson(api, ROLE[person])),
    customerId: rows[0]?.id ?? '',
    organisationId: ORGANISATION,
    agentId: users.agent.id,
    newTicket: () => newTicket(on),
    other: await newTicket(on),
    name: () => `matrix-${randomUUID().slice(0, 12)}`,
    close: () => on.close(),
  };
  return desk;
}

async function newTicket(on: TicketDesk): Promise<MatrixTicket> {
  const { id } = await on.open({
    subject: 'canary-subject',
    body: 'canary-words',
    requester: REQUESTER,
    supportType: TYPE,
    tags: ['canary-tag'],
  });
  await on.post(`/tickets/${id}/notes`, { body: 'canary-note' });
  const draftId = await vi.waitUntil(async () => (await on.get(`/tickets/${id}/drafts`)).body.items[0]?.id, {
    timeout: 20_000,
  });
  const messageId: string = (await on.get(`/tickets/${id}/messages`)).body.items[0].id;
  return { id, messageId, draftId };
}
