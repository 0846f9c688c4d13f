/**
 * Which ticket a vendor's conversation belongs to. A conversation's first message names a new ticket; once that is
 * closed, the next message names a follow-up. Safe to run twice and by several at once: they agree on one ticket.
 */
import type { Pool } from 'pg';
import { newTicketName } from './intake.ts';

/** How far a chain of merges is followed. */
const MOST_MERGES = 100;

export interface AddressedTicket {
  ticketId: string;
  number: number;
  followUpOf: string | null;
  closed: boolean;
  /** The ticket that the conversation names: this one, or one that went into it. */
  namedId: string;
}

/** The ticket of the conversation `externalId` of `source`, named now when there was none. */
export async function ticketOfConversation(pool: Pool, source: string, externalId: string): Promise<AddressedTicket> {
  const known = await find(pool, source, externalId);
  if (known !== undefined) return known.closed ? followUp(pool, source, externalId, known) : known;
  const name = await newTicketName(pool);
  await pool.query({
    name: 'conversation-add',
    text: `insert into conversations (source, external_id, ticket_id, ticket_number) values ($1, $2, $3, $4)
           on conflict (source, external_id) do nothing`,
    values: [source, externalId, name.ticketId, name.number],
  });
  return found(await find(pool, source, externalId));
}

/** Points the conversation to a follow-up of the closed ticket `closed`; whoever comes second takes the first's. */
export async function followUp(
  pool: Pool,
  source: string,
  externalId: string,
  closed: Pick<AddressedTicket, 'ticketId' | 'namedId'>,
): Promise<AddressedTicket> {
  const name = await newTicketName(pool);
  await pool.query({
    name: 'conversation-follow-up',
    text: `update conversations set ticket_id = $4, ticket_number = $5, follow_up_of = $6
           where source = $1 and external_id = $2 and ticket_id = $3`,
    values: [source, externalId, closed.namedId, name.ticketId, name.number, closed.ticketId],
  });
  return found(await find(pool, source, externalId));
}

async function find(pool: Pool, source: string, externalId: string): Promise<AddressedTicket | undefined> {
  const { rows } = await pool.query<AddressedTicket>({
    name: 'conversation-find',
    text: `with recursive way as (
             select t.id, t.number, t.status, t.merged_into, 0 as steps
             from conversations c join tickets t on t.id = c.ticket_id
             where c.source = $1 and c.external_id = $2
             union all
             select t.id, t.number, t.status, t.merged_into, way.steps + 1
             from way join tickets t on t.id = way.merged_into where way.steps < ${MOST_MERGES}
           )
           select coalesce(t.id, c.ticket_id) as "ticketId", coalesce(t.number, c.ticket_number) as number,
                  c.follow_up_of as "followUpOf", coalesce(t.status = 'closed', false) as closed,
                  c.ticket_id as "namedId"
           from conversations c left join (select * from way order by steps desc limit 1) t on true
           where c.source = $1 and c.external_id = $2`,
    values: [source, externalId],
  });
  return rows[0];
}

function found(ticket: AddressedTicket | undefined): AddressedTicket {
  if (ticket === undefined) throw new Error('The conversation that was just stored is gone again.');
  return ticket;
}
