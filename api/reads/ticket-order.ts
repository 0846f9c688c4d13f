/**
 * The orders in which tickets are listed, each of columns that an index has in that order, so that a page is read off it.
 * A place is where a list goes on: the last ticket's values of those columns, in PostgreSQL's words.
 */
import type { Bind } from './visible.ts';

export const SORTS = ['-createdAt', 'createdAt', 'next'] as const;
export type Sort = (typeof SORTS)[number];

interface Order {
  /** The columns with their types. */
  by: readonly (readonly [string, string])[];
  direction: 'asc' | 'desc';
  /** Which tickets have a place in this order; null: all. */
  only: string | null;
}

const CREATED = [
  ['created_at', 'timestamptz'],
  ['id', 'uuid'],
] as const;

const ORDERS: Readonly<Record<Sort | 'relevance', Order>> = {
  '-createdAt': { by: CREATED, direction: 'desc', only: null },
  createdAt: { by: CREATED, direction: 'asc', only: null },
  next: {
    by: [
      ['next_rank', 'smallint'],
      ['waits_since', 'timestamptz'],
      ['id', 'uuid'],
    ],
    direction: 'asc',
    only: 'next_rank is not null',
  },
  /** Of what a search found; its rows have a `score`. */
  relevance: {
    by: [
      ['score', 'double precision'],
      ['id', 'uuid'],
    ],
    direction: 'desc',
    only: null,
  },
};

/** What follows `order by`, of rows named `t`. */
export function inOrder(sort: keyof typeof ORDERS, t: string): string {
  const { by, direction } = ORDERS[sort];
  return by.map(([column]) => `${t}.${column} ${direction}`).join(', ');
}

/** The place of a row named `t`, as a column. */
export function placeColumn(sort: keyof typeof ORDERS, t: string): string {
  return `array[${ORDERS[sort].by.map(([column]) => `${t}.${column}::text`).join(', ')}] as place`;
}

/** What a row named `t` must fulfil to be in the list behind the place `after`; null is before the first. */
export function behind(
  sort: keyof typeof ORDERS,
  t: string,
  after: readonly string[] | null,
  bind: Bind,
): readonly string[] {
  const { by, direction, only } = ORDERS[sort];
  const where = only === null ? [] : [`${t}.${only}`];
  if (after === null) return where;
  const columns = by.map(([column]) => `${t}.${column}`).join(', ');
  const values = by.map(([, type], index) => `${bind(after[index])}::${type}`).join(', ');
  return [...where, `(${columns}) ${direction === 'asc' ? '>' : '<'} (${values})`];
}
