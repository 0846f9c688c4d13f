/**
 * The five routes that every kind of setting has: list, read, create, change, delete. What differs is the setting's own:
 * how it is shown, what it takes, and what stands against deleting it.
 *
 * Writes are made one after another, so `If-Match` is exact and whatever a setting names exists when it is written. Does
 * not promise that a ticket never names something that was deleted: tickets are not locked for it.
 */
import type { EntityManager } from '@mikro-orm/postgresql';
import { z } from 'zod';
import { changeSettings } from '../db/change-settings.ts';
import { DeskError } from '../domain/errors.ts';
import { actingFor } from './acting.ts';
import { fieldsOf } from './fields.ts';
import { readPage } from './page.ts';
import { nothing, type Route, route } from './route.ts';
import { idFrom, wrong } from './setting-checks.ts';
import { pageOf, pageQuery } from './shapes/page.ts';

interface Kept {
  id: string;
  updatedAt: Date;
}

export interface Setting<
  Row extends Kept,
  Json extends Record<string, unknown>,
  C extends Naming,
  P extends z.ZodObject,
> {
  /** Such as `/api/v1/calendars`. */
  path: string;
  noun: string;
  plural: string;
  /** How many there may be. */
  most: number;
  schema: z.ZodObject;
  create: C;
  change: P;
  /** At most `limit` in their order, behind the one whose place is `after`. */
  page(em: EntityManager, after: string | null, limit: number): Promise<Row[]>;
  placeOf(row: Row): string;
  find(em: EntityManager, id: string): Promise<Row | null>;
  count(em: EntityManager): Promise<number>;
  json(em: EntityManager, rows: readonly Row[]): Promise<Json[]>;
  /** Throws `invalid_request` for what does not fit the other settings. */
  add(em: EntityManager, id: string, given: z.output<C>, at: Date): Promise<Row>;
  alter(em: EntityManager, row: Row, given: z.output<P>, at: Date): Promise<void>;
  /** Who uses it, each in a few words. */
  usersOf(em: EntityManager, row: Row): Promise<string[]>;
  remove(em: EntityManager, row: Row): Promise<void>;
}

/** What every creation has. */
type Naming = z.ZodObject<{ id: z.ZodOptional<z.ZodString>; name: z.ZodString }>;

const idParams = z.strictObject({ id: z.string() });

/** The routes of one kind of setting. */
export function settingRoutes<
  Row extends Kept,
  Json extends Record<string, unknown>,
  C extends Naming,
  P extends z.ZodObject,
>(setting: Setting<Row, Json, C, P>): Route[] {
  const { path, noun, plural, schema } = setting;
  const one = `${path}/{id}`;
  const shown = async (em: EntityManager, row: Row) => ({ ...(await setting.json(em, [row]))[0] });

  const list = route({
    method: 'get',
    path,
    permission: 'settings:read',
    summary: `List the ${plural}, in their order`,
    params: nothing,
    query: z.strictObject({ fields: fieldsOf(schema), ...pageQuery }),
    body: nothing,
    answer: { status: 200, description: `A page of ${plural}.`, schema: pageOf(schema) },
    errors: ['invalid_cursor'],
    async handle({ query }, _caller, { orm, cursors }) {
      const em = orm.em.fork();
      const { items, nextCursor } = await readPage(
        cursors,
        [path],
        query,
        (after, limit) => setting.page(em, after?.[0] ?? null, limit),
        (row) => [setting.placeOf(row)],
      );
      return { body: { items: await setting.json(em, items), nextCursor } };
    },
  });

  const get = route({
    method: 'get',
    path: one,
    permission: 'settings:read',
    summary: `Read a ${noun}`,
    params: idParams,
    query: z.strictObject({ fields: fieldsOf(schema) }),
    body: nothing,
    answer: { status: 200, description: `The ${noun}.`, schema },
    errors: ['not_found'],
    etag: true,
    async handle({ params }, _caller, { orm }) {
      const em = orm.em.fork();
      const row = await found(setting, em, params.id);
      return { body: await shown(em, row), headers: { ETag: etagOf(row) } };
    },
  });

  const create = route({
    method: 'post',
    path,
    permission: 'settings:write',
    summary: `Create a ${noun}; without an id it gets one by its name`,
    params: nothing,
    query: nothing,
    body: setting.create,
    answer: { status: 201, description: `The ${noun}.`, schema },
    errors: [],
    async handle({ body }, caller, { orm, now }) {
      const { json, etag, id } = await changeSettings(orm, actingFor(caller), async (em) => {
        const given: { id?: string | undefined; name: string } = body;
        const id = given.id ?? idFrom(given.name);
        if ((await setting.find(em, id)) !== null) {
          throw wrong('id', `would be "${id}", which another ${noun} has; give one that is free`);
        }
        if ((await setting.count(em)) >= setting.most) {
          throw wrong('id', `would be one too many: there are ${setting.most} ${plural} at most; delete one first`);
        }
        const row = await setting.add(em, id, body, new Date(now()));
        await em.persist(row).flush();
        return { json: await shown(em, row), etag: etagOf(row), id };
      });
      return { body: json, headers: { Location: `${path}/${id}`, ETag: etag } };
    },
  });

  const change = route({
    method: 'patch',
    path: one,
    permission: 'settings:write',
    summary: `Change a ${noun}; what is not given stays`,
    params: idParams,
    query: nothing,
    body: setting.change,
    answer: { status: 200, description: `The ${noun} as it is now; running clocks and tickets follow.`, schema },
    errors: ['not_found'],
    etag: true,
    async handle({ params, body }, caller, { orm, now }) {
      const { json, etag } = await changeSettings(orm, actingFor(caller), async (em) => {
        const row = await found(setting, em, params.id);
        caller.requireMatch(etagOf(row));
        // Two changes within a millisecond are still two versions.
        row.updatedAt = new Date(Math.max(now(), row.updatedAt.getTime() + 1));
        await setting.alter(em, row, body, row.updatedAt);
        await em.flush();
        return { json: await shown(em, row), etag: etagOf(row) };
      });
      return { body: json, headers: { ETag: etag } };
    },
  });

  const remove = route({
    method: 'delete',
    path: one,
    permission: 'settings:write',
    summary: `Delete a ${noun} that nothing uses`,
    params: idParams,
    query: nothing,
    body: nothing,
    answer: { status: 200, description: `The ${noun} that was deleted.`, schema },
    errors: ['not_found', 'in_use'],
    etag: true,
    async handle({ params }, caller, { orm }) {
      return changeSettings(orm, actingFor(caller), async (em) => {
        const row = await found(setting, em, params.id);
        caller.requireMatch(etagOf(row));
        const usedBy = await setting.usersOf(em, row);
        if (usedBy.length > 0) {
          const detail = `The ${noun} "${row.id}" is used by ${usedBy.join(', ')}; let each use another one first.`;
          throw new DeskError('in_use', detail, { facts: { usedBy } });
        }
        const body = await shown(em, row);
        await setting.remove(em, row);
        return { body };
      });
    },
  });

  return [list, create, get, change, remove];
}

/** The `ETag` of a setting. */
function etagOf({ updatedAt }: Kept): string {
  return `"${updatedAt.getTime()}"`;
}

/** What {@link found} needs to know of a setting. */
interface Findable<Row> {
  path: string;
  noun: string;
  find(em: EntityManager, id: string): Promise<Row | null>;
}

async function found<Row>(setting: Findable<Row>, em: EntityManager, id: string): Promise<Row> {
  // NUL is the one character that PostgreSQL takes in no text.
  const row = id.includes('\u0000') ? null : await setting.find(em, id);
  if (row !== null) return row;
  const { noun, path } = setting;
  throw new DeskError('not_found', `There is no ${noun} "${id.slice(0, 60)}"; GET ${path} lists those there are.`);
}
