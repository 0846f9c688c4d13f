/** The migrations in order. A released one is never edited: a change is a new one. */
import { FirstSlice } from './001-first-slice.ts';
import { WholeLife } from './002-whole-life.ts';
import { People } from './003-people.ts';
import { Audit } from './004-audit.ts';
import { Search } from './005-search.ts';
import { Live } from './006-live.ts';
import { Attachments } from './007-attachments.ts';
import { Ai } from './008-ai.ts';
import { Traces } from './009-traces.ts';
import { SlaLists } from './010-sla-lists.ts';

export const MIGRATIONS = [
  { name: '001-first-slice', class: FirstSlice },
  { name: '002-whole-life', class: WholeLife },
  { name: '003-people', class: People },
  { name: '004-audit', class: Audit },
  { name: '005-search', class: Search },
  { name: '006-live', class: Live },
  { name: '007-attachments', class: Attachments },
  { name: '008-ai', class: Ai },
  { name: '009-traces', class: Traces },
  { name: '010-sla-lists', class: SlaLists },
];
