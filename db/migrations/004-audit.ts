import { Migration } from '@mikro-orm/migrations';

/** What was changed, by whom: append-only and chained. */
export class Audit extends Migration {
  override up(): void {}

  override down(): void {}
}
