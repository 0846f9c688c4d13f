import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { leftBehind, leftWithTickets, noteSeen, sendAwayIdle } from '../../db/agents.ts';
import { anyFits, chooseFor, nextWaiting, type Place } from '../../db/hand-out.ts';
import type { Database } from '../../db/orm.ts';
import { createSettings, raiseSettingsVersion, type SettingsReader, typeFactsFor } from '../../db/settings.ts';
import { blankTicket, type Ticket } from '../../domain/ticket.ts';
import { openTestDatabase } from '../support/database.ts';

/** A Wednesday, in UTC. */
const NOON = Date.UTC(2026, 10, 4, 12);
const NIGHT = Date.UTC(2026, 10, 4, 23);

let db: Database;
let settings: SettingsReader;
beforeAll(async () => {
  db = await openTestDatabase();
  settings = createSettings(db.pool);
});
afterAll(() => db.close());
beforeEach(async () => {
  await db.pool.query('delete from tickets');
  await db.pool.query('delete from team_members');
  await db.pool.query('delete from agents');
  await db.pool.query('delete from users');
});

describe('who is chosen', () => {
  test('is whoever is least loaded in the team of the ticket’s type, and the sentence says so', async () => {
    const [ada] = [await agent({ load: 1 }), await agent({ load: 2 }), await agent({ teams: ['security'] })];
    const ticket = await waiting('billing-question');
    expect(await chooseFor(db.pool, settings, ticket, NOON)).toEqual({
      agentId: ada,
      why: 'Least loaded of 2 agents free in team billing.',
    });
  });

  test('is nobody who was excluded, is full, is not online, or is outside working hours', async () => {
    const out = await agent();
    const full = await agent({ capacity: 3, load: 3 });
    await agent({ availability: 'away' });
    const worker = await agent({ calendar: 'weekdays', load: 9 });
    const ticket = await waiting('billing-question');
    const choose = (now: number, exclude: string[] = []) => chooseFor(db.pool, settings, ticket, now, exclude);
    expect((await choose(NOON)).agentId).toBe(out);
    expect((await choose(NOON, [out])).agentId).toBe(worker);
    expect(await choose(NIGHT, [out, full])).toEqual({
      agentId: null,
      why: 'Nobody was chosen, because nobody online in team billing is within working hours.',
    });
    expect((await choose(NOON, [out, worker])).why).toContain('has room for one more');
  });

  test('has the skills that the type asks for, and speaks the language of the customer where anybody does', async () => {
    const [, plain, polyglot] = [
      await agent({ teams: ['security'], skills: { security: 3 } }),
      await agent({ teams: ['security'], skills: { security: 4 } }),
      await agent({ teams: ['security'], skills: { security: 5 }, languages: ['en', 'de'] }),
    ];
    expect(
      (await chooseFor(db.pool, settings, await waiting('security-report', { language: 'de' }), NOON)).agentId,
    ).toBe(polyglot);
    expect(
      (await chooseFor(db.pool, settings, await waiting('security-report', { language: 'fr' }), NOON)).agentId,
    ).toBe(plain);
  });

  test('is a senior for a VIP, by the tier of the customer', async () => {
    const junior = await agent({ teams: ['success'] });
    const senior = await agent({ teams: ['success'], load: 5, senior: true });
    const of = async (customerTier: string) =>
      chooseFor(db.pool, settings, await waiting('complaint', { customerTier }), NOON);
    expect((await of('enterprise')).agentId).toBe(senior);
    expect((await of('vip')).agentId).toBe(senior);
    expect((await of('free')).agentId).toBe(junior);
  });

  test('is nobody for a type that is taken by hand, unless it goes back to whoever had it, in whatever team', async () => {
    const before = await agent({ teams: [] });
    await agent({ teams: ['success'] });
    expect((await chooseFor(db.pool, settings, await waiting('other'), NOON)).why).toContain('taken by hand');
    const back = await waiting('other', { preferredAgentId: before });
    expect((await chooseFor(db.pool, settings, back, NOON)).agentId).toBe(before);
    await db.pool.query(`update agents set availability = 'offline' where id = $1`, [before]);
    expect((await chooseFor(db.pool, settings, back, NOON)).agentId).toBeNull();
  });

  test('changes with the settings at once', async () => {
    const clerk = await agent({ calendar: 'weekdays' });
    const ticket = await waiting('billing-question');
    expect((await chooseFor(db.pool, settings, ticket, NIGHT)).agentId).toBeNull();
    const client = await db.pool.connect();
    await client.query('begin');
    await client.query(
      `update calendars set weekly = '[[],[],[{"from":0,"to":1440}],[],[],[],[]]' where id = 'weekdays'`,
    );
    await raiseSettingsVersion(client);
    await client.query('commit');
    client.release();
    expect((await chooseFor(db.pool, settings, ticket, NIGHT)).agentId).toBe(clerk);
  });

  test('of a ticket that does not exist is refused in a whole sentence', async () => {
    const id = randomUUID();
    await expect(chooseFor(db.pool, settings, id, NOON)).rejects.toThrow(`There is no ticket ${id}.`);
  });
});

describe('the line of waiting tickets', () => {
  test('has the earliest deadline first, those without one last by age, and goes on behind any place in it', async () => {
    const late = await waiting('billing-question', { due: 300, created: 1 });
    const old = await waiting('billing-question', { created: 10 });
    const soon = await waiting('billing-question', { due: 100.5, created: 3 });
    const fresh = await waiting('billing-question', { created: 20 });
    const twin = await waiting('billing-question', { due: 300, created: 2 });
    await waiting('billing-question', { due: 1, waits: false });
    const order = [soon, late, twin, old, fresh];
    expect((await nextWaiting(db.pool, 10)).map(({ id }) => id)).toEqual(order);
    const walked: string[] = [];
    let place: Place | null = null;
    for (;;) {
      const [next] = await nextWaiting(db.pool, 1, place);
      if (next === undefined) break;
      walked.push(next.id);
      place = next.place;
    }
    expect(walked).toEqual(order);
  });

  test('fits somebody only when anybody free fits any ticket in it', async () => {
    expect(await anyFits(db.pool, settings, NOON)).toBe(false);
    const ada = await agent({ capacity: 1 });
    await waiting('security-report');
    expect(await anyFits(db.pool, settings, NOON)).toBe(false);
    await waiting('billing-question');
    expect(await anyFits(db.pool, settings, NOON)).toBe(true);
    await db.pool.query('update agents set load = 1 where id = $1', [ada]);
    expect(await anyFits(db.pool, settings, NOON)).toBe(false);
  });
});

describe('an agent who is not there', () => {
  test('was online, is no bot, and has not been seen for as long as is asked', async () => {
    const unseen = await agent({ ago: 20 * 60 });
    await agent({ ago: 20 * 60, role: 'bot' });
    await agent({ ago: 20 * 60, availability: 'offline' });
    const seen = await agent({ ago: 20 * 60 });
    await noteSeen(db.pool, seen);
    expect(await sendAwayIdle(db.pool, 15 * 60_000)).toEqual([unseen]);
    expect(await sendAwayIdle(db.pool, 15 * 60_000)).toEqual([]);
    const { rows } = await db.pool.query('select availability from agents where id = $1', [unseen]);
    expect(rows).toEqual([{ availability: 'away' }]);
  });

  test('hands back what is undone where the settings say so, and keeps it otherwise or when there again', async () => {
    const leaver = await agent({ availability: 'away', onAway: 'handBack', load: 2 });
    await agent({ availability: 'away', load: 2 });
    const undone = await waiting('billing-question', { assigneeId: leaver, due: 2 });
    const urgent = await waiting('billing-question', { assigneeId: leaver, due: 1 });
    await waiting('billing-question', { assigneeId: leaver, status: 'resolved' });
    expect(await leftWithTickets(db.pool)).toEqual([leaver]);
    const held = (except: string[]) => leftBehind(db.pool, leaver, { except, limit: 8 });
    expect(await held([])).toEqual([
      { id: urgent, version: 1, availability: 'away' },
      { id: undone, version: 1, availability: 'away' },
    ]);
    expect(await held([urgent])).toHaveLength(1);
    await db.pool.query(`update agents set availability = 'online' where id = $1`, [leaver]);
    expect(await held([])).toEqual([]);
    expect(await leftWithTickets(db.pool)).toEqual([]);
  });
});

interface AgentFacts {
  teams: string[];
  capacity: number;
  load: number;
  availability: string;
  calendar: string;
  skills: Record<string, number>;
  languages: string[];
  senior: boolean;
  onAway: string;
  role: string;
  /** When they were last seen or changed, in seconds before now. */
  ago: number;
}

async function agent(facts: Partial<AgentFacts> = {}): Promise<string> {
  const id = randomUUID();
  const { teams = ['billing'], capacity = 10, load = 0, availability = 'online', role = 'agent' } = facts;
  await db.pool.query(`insert into users (id, email, name, role, created_at) values ($1, $2, 'A', $3, now())`, [
    id,
    `${id}@example.com`,
    role,
  ]);
  await db.pool.query(
    `update agents set capacity = $2, load = $3, availability = $4, calendar_id = $5, skills = $6, languages = $7,
            senior = $8, on_away = $9, updated_at = now() - $10 * interval '1 second'
     where id = $1`,
    [
      id,
      capacity,
      load,
      availability,
      facts.calendar ?? null,
      JSON.stringify(facts.skills ?? {}),
      JSON.stringify(facts.languages ?? ['en']),
      facts.senior ?? false,
      facts.onAway ?? 'keep',
      facts.ago ?? 0,
    ],
  );
  for (const team of teams) await db.pool.query('insert into team_members values ($1, $2)', [team, id]);
  return id;
}

interface TicketFacts {
  language: string;
  customerTier: string;
  preferredAgentId: string;
  assigneeId: string;
  status: Ticket['status'];
  waits: boolean;
  /** In milliseconds since 1970. */
  due: number;
  created: number;
}

let number = 0;

/** Stores a ticket of the type `typeId` as its record would. */
async function waiting(typeId: string, facts: Partial<TicketFacts> = {}): Promise<string> {
  const id = randomUUID();
  number += 1;
  const supportType = typeFactsFor(await settings.read(), typeId);
  const { language, customerTier = null, preferredAgentId = null, assigneeId = null, status = 'open' } = facts;
  const state: Ticket = {
    ...blankTicket(id, number),
    version: 1,
    status,
    supportType,
    teamId: supportType?.teamId ?? null,
    customerTier,
    preferredAgentId,
    assigneeId,
    triage: language === undefined ? null : { ...TRIAGE, language },
  };
  const { rows } = await db.pool.query<{ id: string }>(
    `insert into customers (id, email, created_at) values ($1, $2, now()) returning id`,
    [randomUUID(), `${id}@example.com`],
  );
  await db.pool.query(
    `insert into tickets (id, number, version, status, priority, channel, subject, requester_id, assignee_id, sla_due_at,
                          state, created_at, updated_at, waiting)
     values ($1, $2, 1, $3, 'normal', 'api', 'S', $4, $5, to_timestamp($6::double precision / 1000), $7,
             to_timestamp($8::double precision / 1000), now(), $9)`,
    [
      id,
      number,
      status,
      rows[0]?.id,
      assigneeId,
      facts.due ?? null,
      JSON.stringify(state),
      facts.created ?? number,
      facts.waits ?? assigneeId === null,
    ],
  );
  return id;
}

const TRIAGE = {
  category: 'other',
  severity: 'sev3',
  priority: 'normal',
  sentiment: 'neutral',
  confidence: 1,
  summaryTextId: randomUUID(),
  engine: 'heuristic',
} as const;
