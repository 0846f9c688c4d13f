import { Migration } from '@mikro-orm/migrations';

/** What engines answered of customers, and how drafts were received. */
export class Ai extends Migration {
  override up(): void {}

  override down(): void {}
}
