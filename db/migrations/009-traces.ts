import { Migration } from '@mikro-orm/migrations';

/** A row of the ledger carries the trace of the request that stored it to whoever hands it over. */
export class Traces extends Migration {
  override up(): void {
    this.addSql('alter table inbox add column trace_parent text;');
  }

  override down(): void {
    this.addSql('alter table inbox drop column trace_parent;');
  }
}
