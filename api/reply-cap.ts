/**
 * How much one customer gets from programs: twenty replies an hour over all of his tickets, from bots and integrations
 * together, so that a bot and a mailbox that answer each other come to an end. People are never held up.
 *
 * The cap is soft: it is looked at before the reply is asked for, so of those asked for at one moment a few may go past it.
 * A customer is an address: whoever writes from many is many. Whoever acts with a key of an agent's is taken for the agent.
 */
import type { Pool, QueryConfig } from 'pg';
import { DeskError } from '../domain/errors.ts';
import type { Principal } from './principal.ts';

/** More than a talk between a customer and a bot needs in an hour, and few enough to bear for a mailbox that loops. */
const MOST_REPLIES = 20;
const WINDOW_MS = 3_600_000;

const PROGRAMS: readonly Principal['kind'][] = ['bot', 'integration'];

/** A reply of a ticket's that a program is about to ask for. */
interface WantedReply {
  ticketId: string;
  messageId: string;
}

/**
 * Throws `recipient_flooded` when `principal` is a program and programs have sent the ticket's requester as much as they
 * may until `now`, in milliseconds since 1970. A reply that was taken before is never refused when it is asked for again.
 */
export async function requireUnderReplyCap(
  pool: Pool,
  principal: Principal,
  wanted: WantedReply,
  now: number,
): Promise<void> {
  if (!PROGRAMS.includes(principal.kind)) return;
  const { rows } = await pool.query<{ at: number }>({ name: 'reply-cap', ...replyCapStatement(wanted, now) });
  const [first] = rows;
  if (first === undefined) return;
  const until = Math.ceil((first.at + WINDOW_MS) / 1000) * 1000;
  const detail =
    `Programs have sent this ticket’s requester ${MOST_REPLIES} replies within an hour, which is as many as they may send ` +
    `to one requester; send this one again after ${new Date(until).toISOString()}, or let a person answer, who still can.`;
  const retryAfterSeconds = Math.max(Math.ceil((until - now) / 1000), 1);
  throw new DeskError('recipient_flooded', detail, { facts: { retryAfterSeconds, limit: MOST_REPLIES } });
}

/**
 * The statement that finds the reply whose hour must end before there is room: a row with `at`, in milliseconds since
 * 1970, or none. A scheduled reply counts from when it was asked for, one taken back does not, and what the caller does
 * not see counts too, for the customer gets it.
 */
export function replyCapStatement({ ticketId, messageId }: WantedReply, now: number): QueryConfig {
  return {
    text: `
      select extract(epoch from m.created_at)::float8 * 1000 as at
      from tickets k
      join tickets t on t.requester_id = k.requester_id
      join messages m on m.ticket_id = t.id
      where k.id = $1 and m.created_at > to_timestamp($3::float8 / 1000)
        and m.direction = 'outbound' and m.author_kind in ('bot', 'integration') and m.state <> 'undone'
        and not exists (select from messages where id = $2)
      order by m.created_at desc offset ${MOST_REPLIES - 1} limit 1`,
    values: [ticketId, messageId, now - WINDOW_MS],
  };
}
