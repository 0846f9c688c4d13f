import { Migration } from '@mikro-orm/migrations';

/** The orders of the lists of clocks: what is late for longest, what falls due next, who has waited longest. */
export class SlaLists extends Migration {
  override up(): void {
    this.addSql(ORDERS);
    this.addSql(INDEXES);
  }

  override down(): void {
    this.addSql(`
      drop index tickets_by_breach, tickets_by_risk, tickets_by_wait, ticket_events_by_result;
      drop function overdue_since, at_risk_until, awaited_since;
    `);
  }
}

/** Of a ticket's state, in milliseconds since 1970, and null where there is no such clock; `least` passes over nulls. */
const ORDERS = `
  create function overdue_since(state jsonb) returns float8 language sql immutable parallel safe
  return least(${of(overdue)});
  create function at_risk_until(state jsonb) returns float8 language sql immutable parallel safe
  return least(${of(atRisk)});
  create function awaited_since(state jsonb) returns float8 language sql immutable parallel safe
  return least(${['firstResponse', 'nextResponse'].map(awaited).join(', ')});
`;

const INDEXES = `
  create index tickets_by_breach on tickets (overdue_since(state), id) where late;
  create index tickets_by_risk on tickets (at_risk_until(state), id) where at_risk;
  create index tickets_by_wait on tickets (awaited_since(state))
    where status not in ('resolved', 'closed') and awaited_since(state) is not null;
  create index ticket_events_by_result on ticket_events (at) where type in ('sla.fulfilled', 'sla.breached');
`;

function of(clock: (target: string) => string): string {
  return ['firstResponse', 'nextResponse', 'resolution'].map(clock).join(', ');
}

function field(target: string, name: string): string {
  return `(state #>> '{clocks,${target},${name}}')`;
}

function overdue(target: string): string {
  const owed = `${field(target, 'breachedAt')} is not null and ${field(target, 'fulfilledAt')} is null`;
  return `case when ${owed} then ${field(target, 'dueAt')}::float8 end`;
}

function atRisk(target: string): string {
  const runs = `${field(target, 'since')} is not null and ${field(target, 'breachedAt')} is null`;
  const warned = `${field(target, 'warnedAt')} is not null and ${field(target, 'fulfilledAt')} is null`;
  return `case when ${runs} and ${warned} then ${field(target, 'dueAt')}::float8 end`;
}

function awaited(target: string): string {
  return `case when ${field(target, 'fulfilledAt')} is null then ${field(target, 'startedAt')}::float8 end`;
}
