/**
 * The log of a ticket's clocks, read from its timeline, with the policies as they were when it was written.
 *
 * `allowed` 0 in an applied policy says that it sets the target no more.
 */
import type { Pool } from 'pg';
import type { TicketEvent } from '../../domain/events.ts';
import type { Metric } from '../../domain/sla-explanation.ts';
import type { SlaPolicy, Target } from '../../domain/sla-policy.ts';

type Told<Event extends TicketEvent> = Event extends TicketEvent ? Pick<Event, 'type' | 'at' | 'data'> : never;
export type SlaEvent = Told<Extract<TicketEvent, { type: `sla.${string}` }>>;

/** The `sla.…` events of the ticket in order, times in milliseconds since 1970. */
export async function slaEvents(pool: Pool, ticketId: string): Promise<SlaEvent[]> {
  const { rows } = await pool.query<SlaEvent>({
    name: 'sla-events',
    text: `select 'sla.' || type as type, round(extract(epoch from at) * 1000)::float8 as at, data
           from sla_metrics where ticket_id = $1 order by sequence`,
    values: [ticketId],
  });
  return rows;
}

/** The policies that `events` name, each in the version named. */
export async function policiesOf(pool: Pool, events: readonly SlaEvent[]): Promise<SlaPolicy[]> {
  const named = events.flatMap(({ data }) =>
    'policyId' in data ? [[data.policyId, data.policyVersion] as const] : [],
  );
  const { rows } = await pool.query<{ policy: SlaPolicy }>({
    name: 'sla-policies-then',
    text: `select policy from policy_snapshots
           where (policy_id, version) in (select * from unnest($1::text[], $2::integer[]))`,
    values: [named.map(([id]) => id), named.map(([, version]) => version)],
  });
  return rows.map(({ policy }) => policy);
}

/** The lines of the log that are about `target`. */
export function logOf(events: readonly SlaEvent[], target: Target): Metric[] {
  const log: Metric[] = [];
  for (const event of events) {
    const line = beginning(event, target) ?? continuation(event, target, log.at(-1));
    if (line !== null) log.push(line);
  }
  return log;
}

/** A clock counts from when it was started, which may lie before it was said. */
function beginning({ type, data }: SlaEvent, target: Target): Metric | null {
  if (type !== 'sla.activated') return null;
  const { policyId, policyVersion, priority, startedAt } = data;
  const set = data.targets.find((one) => one.target === target);
  if (set === undefined) return null;
  return { at: startedAt, type: 'activate', policyId, policyVersion, priority, target: set.allowed, reason: null };
}

function continuation({ type, at, data }: SlaEvent, target: Target, before: Metric | undefined): Metric | null {
  if (before === undefined || type === 'sla.activated') return null;
  const held = { ...before, at, reason: null };
  switch (type) {
    case 'sla.policyApplied': {
      const { policyId, policyVersion, priority } = data;
      const set = data.targets.find((one) => one.target === target);
      if (set === undefined) return null;
      if (set.allowed === 0) return { ...held, type: 'cancel' };
      return { ...held, type: 'applyPolicy', policyId, policyVersion, priority, target: set.allowed };
    }
    case 'sla.paused':
      return data.targets.includes(target) ? { ...held, type: 'pause', reason: data.reason } : null;
    case 'sla.resumed':
      return data.targets.some((one) => one.target === target) ? { ...held, type: 'resume' } : null;
    case 'sla.cancelled':
      return data.targets.includes(target) ? { ...held, type: 'cancel' } : null;
    case 'sla.breached':
      return data.target === target ? { ...held, type: 'breach' } : null;
    case 'sla.fulfilled':
      return data.target === target ? { ...held, type: 'fulfil' } : null;
    case 'sla.warned':
      return null;
  }
}
