/** A database of a test file's own, with the desk's schema and nothing in it. */
import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { inject } from 'vitest';
import { type Database, openDatabase } from '../../db/orm.ts';

/** Copies the migrated template and answers the copy's URL. */
export async function createDatabase(): Promise<string> {
  const url = new URL(inject('postgresUrl'));
  const name = `desk_${randomUUID().replaceAll('-', '')}`;
  const client = new pg.Client({ connectionString: url.href });
  await client.connect();
  try {
    await client.query(`create database ${name} template template_desk`);
  } finally {
    await client.end();
  }
  url.pathname = `/${name}`;
  return url.href;
}

/** A fresh database, opened. */
export async function openTestDatabase(): Promise<Database> {
  return openDatabase(await createDatabase());
}
