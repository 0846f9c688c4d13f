import pg from 'pg';
import { pino } from 'pino';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { createAnnouncer } from '../../db/announcer.ts';
import { createDatabase } from '../support/database.ts';

let pool: pg.Pool;
let listener: pg.Client;
let heard = 0;
const logger = pino({ level: 'silent' });

beforeAll(async () => {
  const url = await createDatabase();
  pool = new pg.Pool({ connectionString: url });
  listener = new pg.Client({ connectionString: url });
  await listener.connect();
  listener.on('notification', () => (heard += 1));
  await listener.query('listen here');
});
afterAll(async () => {
  await listener.end();
  await pool.end();
});

test('what comes while a word is on its way shares the next one, and none is left untold', async () => {
  const asked = vi.spyOn(pool, 'query');
  const announce = createAnnouncer(pool, 'here', logger);
  for (let count = 0; count < 100; count += 1) announce();
  await vi.waitUntil(() => heard === 2);
  announce();
  await vi.waitUntil(() => heard === 3);

  expect(asked.mock.calls.length).toBe(3);
  asked.mockRestore();
});

test('a word that cannot be told harms nobody, and the next one is told', async () => {
  const gone = new pg.Pool({ connectionString: 'postgres://127.0.0.1:1/nowhere' });
  const announce = createAnnouncer(gone, 'here', logger);
  announce();
  announce();
  await gone.end();
  const before = heard;
  createAnnouncer(pool, 'here', logger)();
  await vi.waitUntil(() => heard > before);
  expect(heard).toBe(before + 1);
});
