import { Migration } from '@mikro-orm/migrations';

/** Which transaction recorded an event, for those who follow events; who is there is told by a trigger. */
export class Live extends Migration {
  override up(): void {
    this.addSql(EVENTS);
    this.addSql(TELLING);
  }

  override down(): void {
    this.addSql(`
      drop trigger agents_tell_availability on agents;
      drop function tell_availability;
      drop index ticket_events_by_transaction;
      alter table ticket_events drop column transaction;
    `);
  }
}

/** The rows that are already there get this very transaction, whose end nobody waits for. */
const EVENTS = `
  alter table ticket_events add column transaction xid8 not null default pg_current_xact_id();
  create index ticket_events_by_transaction on ticket_events (transaction, ticket_id, sequence);
`;

/**
 * Told when the transaction commits, and never before. Events themselves are told after it, by whoever records them: commits
 * that tell wait for each other, each for the other's disk.
 */
const TELLING = `
  create function tell_availability() returns trigger language plpgsql as $$
  begin
    perform pg_notify('availability', new.id::text);
    return null;
  end $$;
  create trigger agents_tell_availability after update of availability on agents for each row
    when (old.availability is distinct from new.availability) execute function tell_availability();
`;
