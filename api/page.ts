/** Pages by keyset: one item more than asked for tells whether there is a next one. */
import type { Cursors, Position } from './cursor.ts';

/**
 * Reads a page: `read` gets the position to go on from and how many items to fetch; `positionOf` names an item's place.
 *
 * @example await readPage(cursors, ['drafts', id], query, (after, count) => listDrafts(…), (row) => [row.position, row.id])
 */
export async function readPage<Item>(
  cursors: Cursors,
  scope: unknown,
  query: { limit: number; cursor?: string | undefined },
  read: (after: Position | null, count: number) => Promise<Item[]>,
  positionOf: (item: Item) => Position,
): Promise<{ items: Item[]; nextCursor: string | null }> {
  const after = query.cursor === undefined ? null : cursors.read(scope, query.cursor);
  const found = await read(after, query.limit + 1);
  const items = found.slice(0, query.limit);
  const last = items.at(-1);
  const more = found.length > query.limit && last !== undefined;
  return { items, nextCursor: more ? cursors.sign(scope, positionOf(last)) : null };
}
