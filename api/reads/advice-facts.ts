/**
 * What an engine is told of a customer or a ticket: from the tickets of that one customer which the asker sees, and of
 * none of them a name or an address.
 */
import type { Pool } from 'pg';
import type { Viewer } from '../../domain/scope.ts';
import { TARGETS } from '../../domain/sla-policy.ts';
import type { Ticket } from '../../domain/ticket.ts';
import { isDone } from '../../domain/status.ts';
import { isOverdue, isRunning } from '../../domain/clock.ts';
import type { CustomerFacts, TicketFacts } from '../../integrations/advisor.ts';
import { UNDONE } from './ticket-lists.ts';
import { visibleTickets } from './visible.ts';

const MOST_TICKETS = 500;
const RECENT = 20;
const SHOWN_MESSAGES = 20;
const RECENTLY_DAYS = 90;

/** The facts of a customer whom the asker has been found to see; `now` is in milliseconds since 1970. */
export async function customerFacts(
  pool: Pool,
  viewer: Viewer,
  customerId: string,
  now: number,
): Promise<CustomerFacts> {
  const values: unknown[] = [customerId, now];
  const bind = (value: unknown) => `$${values.push(value)}`;
  const seen = ['t.requester_id = $1::uuid', ...visibleTickets(viewer, 't', bind)].join(' and ');
  const text = `
    with newest as (
      select t.created_at, t.id, t.channel, t.status, t.late, t.state #>> '{triage,category}' as category,
        t.state #>> '{triage,sentiment}' as sentiment,
        jsonb_path_exists(t.state, '$.clocks.*.breachedAt ? (@ != null)') as breached, ${UNDONE} as undone
      from tickets t where ${seen} order by t.created_at desc, t.id desc limit ${MOST_TICKETS}
    )
    select c.id, coalesce(c.tier, o.tier) as tier, floor(extract(epoch from c.created_at) * 1000)::float8 as since,
      (select json_build_object(
         'total', count(*), 'open', count(*) filter (where undone), 'late', count(*) filter (where late),
         'breached', count(*) filter (where breached), 'negative', count(*) filter (where sentiment = 'negative'),
         'recently', count(*) filter (
           where created_at >= date_trunc('day', to_timestamp($2::float8 / 1000)) - interval '${RECENTLY_DAYS} days'
         ),
         'byCategory', (select coalesce(json_object_agg(category, n order by category), '{}') from (
           select category, count(*) as n from newest where category is not null group by category
         ) counted)
       ) from newest) as tickets,
      (select coalesce(json_agg(json_build_object(
         'at', floor(extract(epoch from created_at) * 1000), 'channel', channel, 'status', status, 'category', category,
         'sentiment', sentiment) order by created_at desc, id desc), '[]')
       from (select * from newest order by created_at desc, id desc limit ${RECENT}) recent) as recent
    from customers c left join organisations o on o.id = c.organisation_id where c.id = $1::uuid
  `;
  const { rows } = await pool.query<CustomerFacts>(text, values);
  const [row] = rows;
  if (row === undefined) throw new Error(`Customer ${customerId} has no row any more.`);
  return row;
}

/** The facts of a ticket that the asker has been found to see, with its newest public messages. */
export async function ticketFacts(
  pool: Pool,
  viewer: Viewer,
  ticket: { id: string; subject: string; state: Ticket; requesterId: string },
  now: number,
): Promise<TicketFacts> {
  const { id, subject, state, requesterId } = ticket;
  const [customer, messages] = await Promise.all([
    customerFacts(pool, viewer, requesterId, now),
    conversationOf(pool, id),
  ]);
  const { status, priority, severity, triage, channel, clocks, draft, assigneeId } = state;
  return {
    id,
    status,
    priority,
    severity,
    category: triage?.category ?? null,
    sentiment: triage?.sentiment ?? null,
    channel,
    assigned: assigneeId !== null,
    late: isDone(status) ? [] : TARGETS.filter((target) => isOverdue(clocks[target])),
    atRisk: TARGETS.filter((target) => isRunning(clocks[target]) && clocks[target].warnedAt !== null),
    draftWaits: draft !== null,
    conversation: { subject, messages },
    customer,
  };
}

async function conversationOf(pool: Pool, ticketId: string): Promise<TicketFacts['conversation']['messages']> {
  const { rows } = await pool.query<{ from: 'customer' | 'desk'; body: string }>({
    name: 'advice-conversation',
    text: `select case m.direction when 'inbound' then 'customer' else 'desk' end as from, t.body
           from messages m join texts t on t.id = m.text_id
           where m.ticket_id = $1 and m.direction <> 'internal' and m.state <> 'undone'
           order by m.created_at desc, m.id desc limit ${SHOWN_MESSAGES}`,
    values: [ticketId],
  });
  return rows.toReversed();
}
