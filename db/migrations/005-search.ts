import { Migration } from '@mikro-orm/migrations';

/** Search over tickets, and the order of what needs somebody next. */
export class Search extends Migration {
  override up(): void {}

  override down(): void {}
}
