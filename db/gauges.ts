/**
 * The figures of the desk as a whole, for whoever watches it: one statement over indexes, each count ended at a bound.
 *
 * Not the numbers of a report: a count that reaches {@link MOST} means "at least so many", and closed tickets, which only
 * ever grow in number, are not counted.
 */
import type { Pool } from 'pg';
import { STATUSES } from '../domain/status.ts';

/** Where counting ends. */
const MOST = 100_000;

/** A deadline that passed longer ago than this, and was not said to be breached, was missed by its timer. */
const UNNOTICED_SECONDS = 60;

export interface Figures {
  /** What waits in the ledger, by source; `oldestSeconds` is how long its first row has waited. */
  backlog: { source: string; rows: number; oldestSeconds: number }[];
  tickets: { status: string; tickets: number }[];
  /** Tickets that wait for somebody to be assigned. */
  waiting: number;
  /** Tickets with a deadline within an hour, and those with something owed whose deadline has passed. */
  dueSoon: number;
  breached: number;
  /** Tickets of which a deadline has passed without anybody noticing. */
  unnoticed: number;
  agents: { availability: string; agents: number; load: number; capacity: number }[];
  /** Refused webhooks since the desk was set up. */
  refusals: { source: string; reason: string; refusals: number }[];
}

const COUNTED = STATUSES.filter((status) => status !== 'closed');
const OPEN = STATUSES.filter((status) => status !== 'closed' && status !== 'resolved');

const counted = (from: string) => `(select count(*)::integer from (select ${from} limit ${MOST}) part)`;
const list = (from: string) => `(select coalesce(json_agg(one), '[]') from (${from}) one)`;

const FIGURES = `
  select ${list(`
    select source, count(*)::integer as rows,
           greatest(extract(epoch from now() - min(received_at)), 0)::double precision as "oldestSeconds"
    from (select source, received_at from inbox where state in ('received', 'incomplete') order by id limit ${MOST}) rows
    group by source`)} as backlog,
  ${list(`
    select s.status, ${counted('from tickets t where t.status = s.status')} as tickets
    from unnest($1::text[]) as s (status)`)} as tickets,
  ${counted('from tickets where waiting')} as waiting,
  ${counted(`from tickets where sla_due_at >= now() and sla_due_at < now() + interval '1 hour'`)} as "dueSoon",
  ${counted('from tickets where late')} as breached,
  ${counted(`from tickets where sla_due_at < now() - ${UNNOTICED_SECONDS} * interval '1 second'
                            and status = any($2::text[])`)} as unnoticed,
  ${list(`
    select availability, count(*)::integer as agents, sum(load)::integer as load, sum(capacity)::integer as capacity
    from agents group by availability`)} as agents,
  ${list(`
    select source, reason, sum(count)::double precision as refusals
    from webhook_refusals group by source, reason order by source, reason`)} as refusals
`;

/** Reads the figures from the database behind `pool`. */
export async function readFigures(pool: Pool): Promise<Figures> {
  const { rows } = await pool.query<Figures>({ name: 'figures', text: FIGURES, values: [COUNTED, OPEN] });
  const [figures] = rows;
  if (figures === undefined) throw new Error('The statement that counts gave no row.');
  return figures;
}
