/**
 * What an engine said of a customer, kept under the question, so that the same question is asked once in a quarter of an
 * hour.
 *
 * Does not promise that two who ask at the same moment ask once.
 */
import type { Pool } from 'pg';

/** How long an answer holds. */
const HOLDS_MS = 15 * 60_000;

/** The answer to the question `key` that still holds at `now`, and when it was given; times in milliseconds since 1970. */
export async function keptAdvice(
  pool: Pool,
  key: string,
  now: number,
): Promise<{ answer: unknown; at: number } | null> {
  const { rows } = await pool.query<{ answer: unknown; at: number }>({
    name: 'advice-kept',
    text: `select answer, (extract(epoch from asked_at) * 1000)::float8 as at from ai_advice
           where key = $1 and asked_at > to_timestamp($2::float8 / 1000)`,
    values: [key, now - HOLDS_MS],
  });
  return rows[0] ?? null;
}

/** Keeps an answer about the customer, unless he has been erased meanwhile, and clears away a few that hold no more. */
export async function keepAdvice(
  pool: Pool,
  advice: { key: string; customerId: string; answer: object; at: number },
): Promise<void> {
  const { key, customerId, answer, at } = advice;
  await pool.query({
    name: 'advice-keep',
    text: `with cleared as (
             delete from ai_advice where key in (
               select key from ai_advice where asked_at <= to_timestamp($4::float8 / 1000) and key <> $1
               order by asked_at limit 20 for update skip locked
             )
           )
           insert into ai_advice (key, customer_id, answer, asked_at)
           select $1, c.id, $3, to_timestamp($5::float8 / 1000) from customers c where c.id = $2 and c.erased_at is null
           for share of c
           on conflict (key) do update set answer = excluded.answer, asked_at = excluded.asked_at`,
    values: [key, customerId, JSON.stringify(answer), at - HOLDS_MS, at],
  });
}
