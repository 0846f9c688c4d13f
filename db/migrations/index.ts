/** The migrations in order. A released one is never edited: a change is a new one. */
import { FirstSlice } from './001-first-slice.ts';
import { WholeLife } from './002-whole-life.ts';

export const MIGRATIONS = [
  { name: '001-first-slice', class: FirstSlice },
  { name: '002-whole-life', class: WholeLife },
];
