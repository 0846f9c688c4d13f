/** The chain over the audit log: what it seals, when, and what it tells of whoever writes behind the triggers' back. */
import fc from 'fast-check';
import type { PoolClient } from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { seal } from '../../db/audit-chain.ts';
import { verifyChain } from '../../db/audit-verify.ts';
import type { Database } from '../../db/orm.ts';
import { openTestDatabase } from '../support/database.ts';
import { addEvents, addUser, entryOf, sealAll } from './audit-rows.ts';
import { openTicket } from '../api/setting-rows.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
beforeEach(() => sealAll(db.pool));
afterAll(() => db.close());

describe('the chain', () => {
  test('seals every audit entry and every event of a ticket once, and holds', async () => {
    const { holds: before } = await verifyChain(db.pool);
    const ticketId = await openTicket(db);
    await addUser(db.pool);
    await addEvents(db.pool, ticketId, 12);
    expect(await verifyChain(db.pool)).toMatchObject({ holds: before, wrong: null });
    // A customer, a user, twelve events.
    expect(await sealAll(db.pool)).toBe(14);
    expect(await sealAll(db.pool)).toBe(0);
    expect(await verifyChain(db.pool)).toMatchObject({ holds: before + 14, waiting: 0, wrong: null });
  });

  test('is written by one sealer at a time; the others find nothing to do', async () => {
    await Promise.all(Array.from({ length: 40 }, () => addUser(db.pool)));
    const sealed = await Promise.all(Array.from({ length: 6 }, () => seal(db.pool, 100)));
    expect(sealed.reduce((sum, count) => sum + count) + (await sealAll(db.pool))).toBe(40);
    expect(await verifyChain(db.pool)).toMatchObject({ wrong: null, waiting: 0 });
  });

  test('makes nobody wait: fifty write and are sealed while another transaction stays open, which is sealed when it ends', async () => {
    const late = await db.pool.connect();
    try {
      await late.query('begin');
      const lateUser = await addUser(late);
      const users = await Promise.all(Array.from({ length: 50 }, () => addUser(db.pool)));
      expect(await sealAll(db.pool)).toBe(50);
      expect(await verifyChain(db.pool)).toMatchObject({ wrong: null, waiting: 0 });
      await late.query('commit');
      expect(await sealAll(db.pool)).toBe(1);
      const { rows } = await db.pool.query<{ entryId: string }>(
        'select entry_id as "entryId" from audit_chain order by position desc limit 1',
      );
      expect(rows[0]?.entryId).toBe(await entryOf(db.pool, lateUser));
      expect(new Set(users).size).toBe(50);
      expect(await verifyChain(db.pool)).toMatchObject({ wrong: null });
    } finally {
      late.release(true);
    }
  });

  test('misses nothing and seals nothing twice, however transactions and sealers overlap', async () => {
    const steps = fc.array(fc.constantFrom('begin', 'commit', 'rollback', 'seal'), { minLength: 5, maxLength: 25 });
    await fc.assert(
      fc.asyncProperty(steps, async (plan) => {
        const open: { client: PoolClient; user: string }[] = [];
        const kept: string[] = [];
        for (const step of plan) {
          if (step === 'seal') await seal(db.pool, 3);
          else if (step === 'begin' && open.length < 6) {
            const client = await db.pool.connect();
            await client.query('begin');
            open.push({ client, user: await addUser(client) });
          } else if (step === 'commit' || step === 'rollback') {
            // Neither the first nor the last of those that are open.
            const [ended] = open.splice(Math.floor(open.length / 2), 1);
            if (ended === undefined) continue;
            await ended.client.query(step);
            ended.client.release();
            if (step === 'commit') kept.push(ended.user);
          }
        }
        for (const { client } of open) client.release(true);
        await sealAll(db.pool);
        expect(await verifyChain(db.pool)).toMatchObject({ wrong: null, waiting: 0 });
        const { rows } = await db.pool.query<{ sealed: number }>(
          `select count(*)::integer as sealed from audit_entries e join audit_chain c on c.entry_id = e.id
           where e.target = 'users' and e.target_id = any($1)`,
          [kept],
        );
        expect(rows[0]?.sealed).toBe(kept.length);
      }),
      { numRuns: 15 },
    );
  });
});

describe('the log takes', () => {
  test.each([
    ['no update', 'update %s set %c = %c'],
    ['no delete', 'delete from %s'],
    ['no truncate', 'truncate %s cascade'],
  ])('%s, of entries, links and events alike', async (_, statement) => {
    await addEvents(db.pool, await openTicket(db), 2);
    await sealAll(db.pool);
    for (const [table, column] of [
      ['audit_entries', 'action'],
      ['audit_chain', 'hash'],
      ['ticket_events', 'type'],
    ] as const) {
      const text = statement.replace('%s', table).replaceAll('%c', column);
      await expect(db.pool.query(text)).rejects.toMatchObject({ code: 'HF003' });
    }
    expect(await verifyChain(db.pool)).toMatchObject({ wrong: null });
  });
});

describe('a long chain', () => {
  test('holds across its pages', async () => {
    const ticketId = await openTicket(db);
    await addEvents(db.pool, ticketId, 4_100);
    for (let sealed = 1; sealed > 0;) sealed = await seal(db.pool, 1_000);
    expect(await verifyChain(db.pool)).toMatchObject({ wrong: null, waiting: 0 });
  });
});
