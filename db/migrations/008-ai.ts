import { Migration } from '@mikro-orm/migrations';

/** What engines answered of customers, and how drafts were received. */
export class Ai extends Migration {
  override up(): void {
    this.addSql(ADVICE);
    this.addSql(DRAFTS);
  }

  override down(): void {
    this.addSql(`
      drop trigger customers_forget_advice on customers;
      drop function forget_advice;
      drop table ai_advice;
      drop index drafts_by_age;
      alter table drafts drop column edit_distance;
    `);
  }
}

/** Kept by what was asked, for a quarter of an hour; whoever is erased takes it along. */
const ADVICE = `
  create table ai_advice (
    key text primary key,
    customer_id uuid not null references customers (id),
    answer jsonb not null,
    asked_at timestamptz not null
  );
  create index ai_advice_by_customer on ai_advice (customer_id);
  create index ai_advice_by_age on ai_advice (asked_at);
  create function forget_advice() returns trigger language plpgsql as $$
  begin
    delete from ai_advice where customer_id = new.id;
    return null;
  end $$;
  create trigger customers_forget_advice after update of erased_at on customers for each row
    when (new.erased_at is not null) execute function forget_advice();
`;

/** `edit_distance`: of a draft that was edited, how many characters were changed; null of the others. */
const DRAFTS = `
  alter table drafts add column edit_distance integer;
  create index drafts_by_age on drafts (created_at, id);
`;
