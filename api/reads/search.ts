/**
 * Search: the tickets that what was typed fits best, for somebody who sees them. A word in the subject or of the customer
 * counts more than one in a message, and a ticket a year older counts for less.
 *
 * Reads the newest tickets first, in few steps that grow with their age, until it has found enough, so that a word that is
 * everywhere costs what one costs that is rare. So it finds at most a hundred tickets that fit, the newest, and as many
 * that nearly do; it does not promise the best of all that ever fitted. What somebody does not see takes no place among
 * them: the index knows his scope. In a very long conversation words that lie far apart may not be found together.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import { type SearchQuery, searchQuery, type Wanted } from './search-words.ts';
import { conditions, type PlacedRow, requester, type TicketFilters } from './ticket-lists.ts';
import { behind, inOrder, placeColumn, type Sort } from './ticket-order.ts';
import { JOINS, ticketColumns } from './tickets.ts';
import { visibleTickets } from './visible.ts';

export interface SearchPage {
  viewer: Viewer;
  /** Whether notes are searched, and what did not go out. */
  inside: boolean;
  typed: string;
  filters: TicketFilters;
  sort: Sort | 'relevance';
  /** The place of the last ticket shown; null for the first page. */
  after: readonly string[] | null;
  limit: number;
}

/** How many tickets are found at most as they are typed, and as many again by words that are alike. */
const MOST = 100;
/** Among how many tickets that he sees and that have all words of a phrase the phrase is looked for. */
const MOST_READ = 400;
/** What the orders go by, of a ticket `t`. */
const KEYS = 't.id, t.created_at, t.next_rank, t.waits_since';
/** Scores are logarithms: a year more makes a word count for a third, and one that is only like what was typed for a fiftieth. */
const A_YEAR = 31_536_000;
const ALIKE = 4;
/** Above all scores. */
const NAMED = 1e6;
/** The segments of `ticket_words.facets`: of 512 tickets, and five times four times as many. */
const FINEST = 9;
const COARSER = 2;
const SIZES = 6;
/** How many tickets the first step may read, and how many the next for each that was read. */
const FIRST = 1024;
const GROWTH = 8;

/** At most `limit` of the tickets found, behind the place, in the order asked for. */
export async function searchTickets(pool: Pool, page: SearchPage): Promise<PlacedRow[]> {
  const query = await searchQuery(pool, page.typed, { inside: page.inside, thorough: false });
  if (query === null) return [];
  const rows = await read(pool, page, query);
  if (rows.length > 0) return rows;
  // A word that somebody has written may be misspelt all the same.
  const wider = await searchQuery(pool, page.typed, { inside: page.inside, thorough: true });
  return wider === null || wider.wide.strict === query.wide.strict ? rows : read(pool, page, wider);
}

async function read(pool: Pool, page: SearchPage, query: SearchQuery): Promise<PlacedRow[]> {
  const { text, values } = searchStatement(page, query);
  const { rows } = await pool.query<PlacedRow>(text, values);
  return rows;
}

/** The statement behind {@link searchTickets}; its parts are fixed texts and every value is a parameter. */
export function searchStatement(page: SearchPage, query: SearchQuery): { text: string; values: unknown[] } {
  const { viewer, filters, sort, after, limit } = page;
  const values: unknown[] = [];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const seen = [
    ...visibleTickets(viewer, 't', bind),
    ...conditions(filters, 't', bind),
    ...behind(sort, 't', null, bind),
  ];
  const steps = stepsFrom(query.newest);
  const segments = bind(steps.map(({ segment }) => segment));
  const ends = bind(steps.map(({ below }) => below));
  const fits = bind(filterFacets(page));
  const { customer } = filters;
  const facets = [
    `d.facets @> (w.segment || ${fits}::text[])`,
    ...scopeFacets(viewer).map((any) => `d.facets && ${bind(any)}::text[]`),
    ...(customer === undefined ? [] : [`d.facets @> array['r:' || ${requester(customer, bind)}::uuid]`]),
    'd.number < w.below',
  ];
  // The order of the steps is the order in which they are read, and the reading ends with the last that is needed.
  const read = (loose: string | null, most: number, gate: string[]) => {
    const known = loose === null ? [] : [`d.words @@ ${bind(loose)}::tsquery`];
    return `
      select h.* from unnest(${segments}::text[], ${ends}::integer[]) as w (segment, below) cross join lateral (
        select d.ticket_id, d.words from ticket_words d ${where([...known, ...facets])}
        order by d.number desc limit ${most}
      ) h ${where(gate)} limit ${most}`;
  };
  const candidates = ({ strict, loose }: Wanted, gate: string[]) => {
    const [most, said] = strict === loose ? [MOST, []] : [MOST_READ, [`d.words @@ ${bind(strict)}::tsquery`]];
    return `
    select ${KEYS}, d.words from (${read(loose, most, gate)}) d join tickets t on t.id = d.ticket_id
    ${where([...said, ...seen])} limit ${MOST}`;
  };
  const weights = `${bind(page.inside ? [0.1, 0.1, 0.8, 1] : [0, 0.1, 0.8, 1])}::real[]`;
  const score = ({ strict }: Wanted) => `
    ln(ts_rank(${weights}, words, ${bind(strict)}::tsquery) + 1e-9)
    + extract(epoch from created_at)::double precision / ${A_YEAR}`;
  // Whatever fits exactly is among what nearly fits, unless there was more of that than is read.
  const more = `(select count(*) from wide) >= ${MOST}`;
  const text = `
    with wide as materialized (${candidates(query.wide, [])}),
    exact as materialized (${candidates(query.exact, [query.wide === query.exact ? 'false' : more])}),
    named as (
      select ${KEYS} from tickets t ${where([`t.number = ${bind(numberOf(page.typed))}::integer`, ...seen])}
    ),
    found as (
      select id, created_at, next_rank, waits_since, max(score) as score from (
        select *, ${score(query.exact)} as score from exact
        union all select *, case when words @@ ${bind(query.exact.strict)}::tsquery
          then ${score(query.exact)} else ${score(query.wide)} - ${ALIKE} end from wide
        union all select *, null, ${NAMED} from named
      ) scored group by id, created_at, next_rank, waits_since
    )
    select ${ticketColumns(viewer, bind)}, ${placeColumn(sort, 'f')}
    from (
      select * from found f ${where(behind(sort, 'f', after, bind))}
      order by ${inOrder(sort, 'f')} limit ${bind(limit)}
    ) f join tickets t on t.id = f.id ${JOINS}
    order by ${inOrder(sort, 'f')}
  `;
  return { text, values };
}

/**
 * All tickets, newest first: in each step those below a number that the coarsest segment holds without reading too many at
 * once. A segment may hold some that were read before, which is why a step says where it begins.
 */
function stepsFrom(newest: number): { segment: string; below: number }[] {
  const steps: { segment: string; below: number }[] = [];
  let below = newest + 1;
  while (below > 0) {
    const most = Math.max(FIRST, GROWTH * (newest + 1 - below));
    let [segment, from] = segmentOf(below - 1, 0);
    for (let level = 1; level < SIZES; level += 1) {
      const [coarser, first] = segmentOf(below - 1, level);
      if (first < from && below - first <= most) [segment, from] = [coarser, first];
    }
    steps.push({ segment, below });
    below = from;
  }
  return steps;
}

/** The segment of that level in which a ticket lies, and the lowest number in it. */
function segmentOf(number: number, level: number): [segment: string, first: number] {
  const bits = FINEST + COARSER * level;
  const place = number >> bits;
  return [`${level}:${place}`, place << bits];
}

/** What the index knows of the filters; the tickets' own rows have the last word. */
function filterFacets({ viewer, filters, sort }: SearchPage): string[] {
  const { status, priority, assignee, team, supportType, channel, tag, sla } = filters;
  return [
    status && `s:${status}`,
    priority && `p:${priority}`,
    assignee && `a:${assignee.toLowerCase()}`,
    team && `t:${team}`,
    supportType && `y:${supportType}`,
    channel && `c:${channel}`,
    tag && `g:${tag}`,
    sla && `l:${sla}`,
    sort === 'next' && 'next',
    viewer.customerId && `r:${viewer.customerId}`,
  ].filter((facet) => typeof facet === 'string');
}

/** A ticket that the viewer sees has at least one of each of these, and whatever has is one that he sees. */
function scopeFacets({ holderId, customerId, scope }: Viewer): string[][] {
  if (customerId !== null) return [];
  const own = holderId === null ? [] : [`a:${holderId}`];
  const parts = [
    scope.teams?.map((team) => `t:${team}`),
    scope.supportTypes?.map((type) => `y:${type}`),
    scope.organisations?.map((organisation) => `o:${organisation}`),
  ];
  return parts.filter((part) => part !== undefined).map((part) => [...own, ...part]);
}

/** The number of the ticket that was typed by its reference, or null. */
function numberOf(typed: string): string | null {
  return /^\s*"?(?:t-?)?([1-9]\d{0,8})"?\s*$/i.exec(typed)?.[1] ?? null;
}

function where(conditions: readonly string[]): string {
  return conditions.length > 0 ? `where ${conditions.join(' and ')}` : '';
}
