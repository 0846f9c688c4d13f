import { Migration } from '@mikro-orm/migrations';

/**
 * Files that belong to messages. A file is bound to its message before the message's command is sent, so `message_id` may
 * name one that is not recorded yet, or never will be. `type` is found in the content, once the file is there whole.
 */
export class Attachments extends Migration {
  override up(): void {
    this.addSql(`
      create table attachments (
        id uuid primary key,
        name text not null,
        size bigint not null check (size > 0),
        type text,
        uploader_id uuid not null,
        created_at timestamptz not null,
        completed_at timestamptz,
        message_id uuid,
        ticket_id uuid,
        position integer,
        check ((completed_at is null) = (type is null)),
        check ((message_id is null) = (ticket_id is null) and (message_id is null) = (position is null)),
        check (message_id is null or completed_at is not null)
      );
      create index attachments_by_message on attachments (message_id, position) where message_id is not null;
      create index attachments_by_ticket on attachments (ticket_id) where ticket_id is not null;
      create index attachments_unbound on attachments (uploader_id) where message_id is null;
      create index attachments_by_age on attachments (created_at);
    `);
  }

  override down(): void {
    this.addSql('drop table attachments');
  }
}
