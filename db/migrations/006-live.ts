import { Migration } from '@mikro-orm/migrations';

/** The events of tickets in the order in which they were committed, for those who follow them. */
export class Live extends Migration {
  override up(): void {}

  override down(): void {}
}
