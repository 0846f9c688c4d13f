/**
 * Where a customer's data lies: which rows are his, which texts they name, and which ledger rows tell of him. Giving out and
 * erasing both go by this, so that they cannot differ.
 *
 * Does not find words that no row names: those of a command that never got a verdict, and what others wrote about him on
 * tickets that are not his.
 */

/** A UUID, wherever it stands in a text. */
const UUID = '[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}';

/** The messages of his tickets, and his own on the tickets of others; `$1` is the customer's id. */
export const HIS_MESSAGES = `
  select m.* from messages m
  where m.ticket_id in (select id from tickets where requester_id = $1)
     or (m.author_kind = 'customer' and m.author_id = $1::text)
`;

/**
 * The ids of all texts that his rows name. The timelines, the tickets' states and the engines' answers are searched for
 * whatever is a text's id, so that a new kind of text is found as well.
 */
export const HIS_TEXTS = `
  select t.id from texts t
  where t.id in (
    with his as (select id, state from tickets where requester_id = $1),
    messages_of_his as (${HIS_MESSAGES})
    select text_id from messages_of_his
    union select reason_text_id from messages_of_his
    union select text_id from drafts where ticket_id in (select id from his)
    union select edited_text_id from drafts where ticket_id in (select id from his)
    union
    select found[1]::uuid
    from (
      select data::text as said from ticket_events where ticket_id in (select id from his)
      union all select state::text from his
      union all select answer::text from ai_answers where split_part(key, ':', 2) in (select id::text from his)
    ) said, regexp_matches(said.said, '${UUID}', 'g') as found
  )
`;

/**
 * The condition under which the ledger row `i` tells of him: it led to a ticket of his, belongs to a conversation of his, or
 * names his address; `$2` is {@link addressPattern}.
 */
export const HIS_LEDGER_ROW = `(
  i.ticket_id in (select id from tickets where requester_id = $1)
  or i.conversation_key in (
    select way || id from tickets cross join unnest(array['api:', 'ticket:']) way where requester_id = $1
    union all
    select c.source || ':' || c.external_id from conversations c
    where c.ticket_id in (select id from tickets where requester_id = $1)
  )
  or i.body ~* $2
)`;

/** Whether a kept answer `k` names one of the ids in the table `erasing`. */
export const NAMES_ERASED = `
  exists (
    select from regexp_matches(k.body::text, '${UUID}', 'g') as found join erasing e on e.id = found[1]::uuid
  )
`;

/**
 * A regular expression of PostgreSQL's for the address, standing by itself: `ada@x.org` is not in `nada@x.org`. What stands
 * before it may be an escape of JSON.
 */
export function addressPattern(email: string): string {
  const escaped = email.replaceAll(/[^\p{L}\p{N}@]/gu, String.raw`\$&`);
  return String.raw`(^|[^a-z0-9._%+-]|\\[nrtbf])${escaped}($|[^a-z0-9.-]|\.($|[^a-z0-9]))`;
}
