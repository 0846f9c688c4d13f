/** What the check of the chain tells of whoever writes behind the triggers' back. */
import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Noted, verifyChain } from '../../db/audit-verify.ts';
import type { Database } from '../../db/orm.ts';
import { openTestDatabase } from '../support/database.ts';
import { openTicket } from '../api/setting-rows.ts';
import { addEvents, addUser, entryOf, positionOf, sealAll } from './audit-rows.ts';

let db: Database;
beforeAll(async () => {
  db = await openTestDatabase();
});
beforeEach(() => sealAll(db.pool));
afterAll(() => db.close());

/** What is told after somebody wrote as nobody may, with the triggers off, as a superuser can; it is taken back then. */
async function told(
  writing: readonly [statement: string, ...values: unknown[]][],
  noted?: Noted,
): Promise<string | null> {
  const client = await db.pool.connect();
  try {
    await client.query('begin');
    await client.query('set local session_replication_role = replica');
    for (const [statement, ...values] of writing) {
      const { rowCount } = await client.query(statement, values);
      expect(rowCount).toBeGreaterThan(0);
    }
    return (await verifyChain(client, noted)).wrong;
  } finally {
    await client.query('rollback');
    client.release();
  }
}

describe('whoever writes behind the triggers back is told of:', () => {
  test.each([
    ['at', `at + interval '1 microsecond'`],
    ['actor_kind', `'agent'`],
    ['actor_id', `'${randomUUID()}'`],
    ['request_id', `'x'`],
    ['action', `'users.delete'`],
    ['target', `'teams'`],
    ['target_id', `'x'`],
    ['changes', `changes || '{"role": null}'`],
    ['details', `'{"reason": "none"}'`],
  ])('an entry whose %s was altered', async (column, value) => {
    const [user] = [await addUser(db.pool), await addUser(db.pool)];
    await sealAll(db.pool);
    const entry = await entryOf(db.pool, user);
    const position = await positionOf(db.pool, entry);
    expect(await told([[`update audit_entries set ${column} = ${value} where id = $1`, entry]])).toContain(
      `The audit entry ${entry}, position ${position} of the chain, is not what was sealed`,
    );
  });

  test.each([
    ['type', `'ticket.unassigned'`],
    ['at', `at + interval '1 microsecond'`],
    ['actor_kind', `'bot'`],
    ['actor_id', 'null'],
    ['caused_by', `'x'`],
    ['data', `'{"b": 1, "a": [1.5, null]}'`],
  ])("an event of a ticket's timeline whose %s was altered", async (column, value) => {
    const ticketId = await openTicket(db);
    await addEvents(db.pool, ticketId, 3);
    await sealAll(db.pool);
    const set = `update ticket_events set ${column} = ${value} where ticket_id = $1 and sequence = 2`;
    expect(await told([[set, ticketId]])).toContain(`The event 2 of the ticket ${ticketId}, position`);
  });

  test('a deleted entry, also when its link was deleted with it', async () => {
    const [user] = [await addUser(db.pool), await addUser(db.pool)];
    await sealAll(db.pool);
    const entry = await entryOf(db.pool, user);
    const position = await positionOf(db.pool, entry);
    expect(await told([['delete from audit_entries where id = $1', entry]])).toBe(
      `The audit entry ${entry} was deleted: position ${position} of the chain seals it.`,
    );
    expect(
      await told([
        ['delete from audit_entries where id = $1', entry],
        ['delete from audit_chain where entry_id = $1', entry],
      ]),
    ).toBe(`Position ${position} of the chain is missing: after ${position - 1} comes ${position + 1}.`);
  });

  test('two entries, or two links, that were swapped', async () => {
    const [first, second] = [
      await entryOf(db.pool, await addUser(db.pool)),
      await entryOf(db.pool, await addUser(db.pool)),
    ];
    await sealAll(db.pool);
    const swapped = `
      update audit_entries e set changes = o.changes, target_id = o.target_id, at = o.at
      from audit_entries o where e.id <> o.id and e.id in ($1, $2) and o.id in ($1, $2)
    `;
    expect(await told([[swapped, first, second]])).toContain(`The audit entry ${first}, position`);
    const position = await positionOf(db.pool, first);
    const move = 'update audit_chain set position = $2 where entry_id = $1';
    expect(
      await told([
        [move, first, -1],
        [move, second, position],
        [move, first, position + 1],
      ]),
    ).toContain(`The audit entry ${second}, position ${position} of`);
  });

  test('an entry or an event that was put in, whether or not a link was made for it', async () => {
    const ticketId = await openTicket(db);
    await addEvents(db.pool, ticketId, 2);
    await sealAll(db.pool);
    const entry = randomUUID();
    const added = `
      insert into audit_entries (id, at, actor_kind, action, target) values ($1, now(), 'system', 'users.update', 'users')
    `;
    expect(await told([[added, entry]])).toBe(
      `The audit entry ${entry} was put in behind the triggers' back: the chain does not know it.`,
    );
    const linked = `
      insert into audit_chain (position, source, entry_id, sequence, hash)
      select max(position) + 1, 'audit', $1, 0, sha256('guessed') from audit_chain
    `;
    expect(
      await told([
        [added, entry],
        [linked, entry],
      ]),
    ).toContain(`The audit entry ${entry}, position`);
    const event = `
      insert into ticket_events (ticket_id, sequence, type, at, actor_kind, caused_by, data)
      values ($1, 3, 'ticket.closed', now(), 'agent', 'nothing', '{}')
    `;
    expect(await told([[event, ticketId]])).toContain(`The event 3 of the ticket ${ticketId} was put in`);
  });

  test('an entry that was deleted before it was sealed', async () => {
    const entry = await entryOf(db.pool, await addUser(db.pool));
    expect(await told([['delete from audit_entries where id = $1', entry]])).toBe(
      `The audit entry ${entry} was deleted before it was sealed.`,
    );
  });

  test('an entry that waits to be sealed for longer than a minute', async () => {
    const entry = await entryOf(db.pool, await addUser(db.pool));
    expect(await verifyChain(db.pool)).toMatchObject({ wrong: null, waiting: 1 });
    expect(await told([[`update audit_unsealed set queued_at = queued_at - interval '61 seconds'`]])).toContain(
      `The audit entry ${entry} waits to be sealed since 20`,
    );
  });

  test('a chain whose end was cut off, or that was written anew, by the hash that was noted before', async () => {
    const entry = await entryOf(db.pool, await addUser(db.pool));
    await sealAll(db.pool);
    const { holds: position, hash } = await verifyChain(db.pool);
    expect(await verifyChain(db.pool, { position, hash })).toMatchObject({ wrong: null });
    const other = { position, hash: hash.replace(/^./, (digit) => (digit === '0' ? '1' : '0')) };
    expect((await verifyChain(db.pool, other)).wrong).toContain('another hash than the one that was noted');
    const cut: [string, string][] = [
      ['delete from audit_chain where entry_id = $1', entry],
      ['delete from audit_entries where id = $1', entry],
    ];
    expect(await told(cut)).toBeNull();
    expect(await told(cut, { position, hash })).toContain('was cut off');
  });
});
