/**
 * From what somebody typed to what PostgreSQL looks for: words that all have to be there, "phrases", -without, and `or`
 * between alternatives. Whatever is typed means something or nothing; none of it is a mistake.
 *
 * Beside the words as they stand there is a wider query: the last word also as the beginning of others, and a word that
 * nobody has written as those that are spelt like it.
 */
import type { Pool } from 'pg';

/** A query in PostgreSQL's words. */
export interface Wanted {
  strict: string;
  /** Finds all that `strict` finds, and more: what an index knows, which is no phrase. null: anything. */
  loose: string | null;
}

export interface SearchQuery {
  exact: Wanted;
  /** The same as `exact` where there is nothing wider. */
  wide: Wanted;
  /** The highest number of a ticket. */
  newest: number;
}

interface Term {
  said: string;
  not: boolean;
  phrase: boolean;
  /** Which of the alternatives it belongs to. */
  alternative: number;
}

/** A word of a term: without case and accents, with the words that it may become and those that it may have meant. */
interface Word {
  term: number;
  word: string;
  endings: string[];
  near: string[];
}

/** For how many words of a query others are looked up that are spelt like them. */
const MOST_NEAR = 6;

const WORDS = `
  with words as (
    select x.term, w.lexeme as word, row_number() over (order by x.term, p) as place,
           x.term = $2 and p = max(p) over (partition by x.term) as last,
           length(w.lexeme) between 3 and 30 and w.lexeme !~ '\\d' as known
    from unnest($1::text[]) with ordinality x (said, term), unnest(words_of(x.said)) w, unnest(w.positions) p
  )
  select coalesce((select number from tickets order by number desc limit 1), 0) as newest, (
    select coalesce(json_agg(json_build_object(
      'term', term, 'word', word,
      'endings', case when last and known then array(
        select k.word from (
          select distinct word from known_words k where k.word > words.word and k.word < words.word || chr(1114111)
        ) k order by length(k.word), k.word limit 20
      ) else '{}' end,
      'near', case when place <= ${MOST_NEAR} and known and length(word) > 3
                 and ($3 or not exists (select from known_words k where k.word = words.word))
        then near_words(word, 5) else '{}' end
    ) order by place), '[]') from words
  ) as words
`;

/**
 * The queries for what was typed; null where that holds no word. `thorough`: words that somebody has written may be
 * misspelt too. Without `inside`, notes and what did not go out are not looked at.
 */
export async function searchQuery(
  pool: Pool,
  typed: string,
  { inside, thorough }: { inside: boolean; thorough: boolean },
): Promise<SearchQuery | null> {
  const terms = termsOf(typed);
  const last = terms.at(-1);
  const open = last === undefined || last.phrase || last.not ? 0 : terms.length;
  const { rows } = await pool.query<{ newest: number; words: Word[] }>({
    name: 'search-words',
    text: WORDS,
    values: [terms.map(({ said }) => said), open, thorough],
  });
  const { newest, words } = rows[0] ?? { newest: 0, words: [] };
  const label = inside ? '' : ':ABC';
  const alone = ({ word }: Word) => quoted(word) + label;
  const among = ({ word, endings, near }: Word, { not, phrase }: Term) => {
    const all = not || phrase ? [word] : [word, ...endings, ...near];
    return `( ${all.map((one) => quoted(one) + label).join(' | ')} )`;
  };
  const exact = compose(terms, words, alone);
  const widens = words.some(({ endings, near }) => endings.length > 0 || near.length > 0);
  return exact && { exact, wide: (widens && compose(terms, words, among)) || exact, newest };
}

/** Reads quotes, minus and `or`; a quote that is not closed reaches to the end. */
export function termsOf(typed: string): Term[] {
  const terms: Term[] = [];
  let alternative = 0;
  for (const [, minus, quote, phrase, word = ''] of typed.matchAll(/(-)?(?:(")([^"]*)"?|([^\s"]+))/g)) {
    if (minus === undefined && word.toLowerCase() === 'or') {
      if (terms.length > 0) alternative += 1;
      continue;
    }
    terms.push({ said: phrase ?? word, not: minus !== undefined, phrase: quote !== undefined, alternative });
  }
  return terms;
}

/** Each term is the phrase of its words; those of one alternative are all wanted. */
function compose(
  terms: readonly Term[],
  words: readonly Word[],
  show: (word: Word, term: Term) => string,
): Wanted | null {
  const strict: string[][] = [];
  const loose: string[][] = [];
  for (const [index, term] of terms.entries()) {
    const own = words.filter(({ term: of }) => of === index + 1).map((word) => show(word, term));
    if (own.length === 0) continue;
    const not = term.not ? '!' : '';
    (strict[term.alternative] ??= []).push(`${not}( ${own.join(' <-> ')} )`);
    const known = (loose[term.alternative] ??= []);
    // A ticket without the phrase may have its words.
    if (!term.not || own.length === 1) known.push(`${not}( ${own.join(' & ')} )`);
  }
  if (strict.length === 0) return null;
  return { strict: either(strict), loose: Object.values(loose).some((all) => all.length === 0) ? null : either(loose) };
}

/** All of one alternative, or all of another; where an alternative held no word, there is none. */
function either(alternatives: readonly string[][]): string {
  return Object.values(alternatives)
    .map((all) => `( ${all.join(' & ')} )`)
    .join(' | ');
}

function quoted(word: string): string {
  return `'${word.replaceAll(/['\\]/g, '$&$&')}'`;
}
