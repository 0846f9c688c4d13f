import { Migration } from '@mikro-orm/migrations';

/** Files that belong to messages. */
export class Attachments extends Migration {
  override up(): void {}

  override down(): void {}
}
