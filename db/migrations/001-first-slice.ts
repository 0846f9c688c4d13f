import { Migration } from '@mikro-orm/migrations';

/** Tickets with their events, messages and drafts; the inbox ledger; people and keys; a first SLA policy. */
export class FirstSlice extends Migration {
  override up(): void {
    this.addSql(PEOPLE);
    this.addSql(TEXTS);
    this.addSql(TICKETS);
    this.addSql(CONVERSATION);
    this.addSql(LEDGER);
    this.addSql(VENDORS);
  }

  override down(): void {
    this.addSql(`
      drop table catch_ups, idempotency_keys, slack_posts, ai_answers, deliveries, webhook_refusals, inbox, conversations,
        drafts, messages, ticket_events, tickets, sla_policies, texts, customers, api_keys, users;
      drop sequence ticket_numbers;
    `);
  }
}

const PEOPLE = `
  create table users (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text not null,
    role text not null,
    password_hash text,
    slack_user_id text unique,
    created_at timestamptz not null
  );
  create table api_keys (
    id uuid primary key,
    name text not null,
    role text not null,
    user_id uuid references users (id),
    hash text not null unique,
    created_at timestamptz not null,
    last_used_at timestamptz,
    revoked_at timestamptz
  );
  create table customers (
    id uuid primary key,
    email text not null unique check (email = lower(email)),
    name text,
    tier text,
    created_at timestamptz not null
  );
  create table sla_policies (
    id text primary key,
    position integer not null unique,
    name text not null,
    first_response jsonb not null,
    warn_share real not null
  );
  insert into sla_policies (id, position, name, first_response, warn_share) values (
    'standard', 1, 'Standard',
    '{"urgent": 1800000, "high": 7200000, "normal": 28800000, "low": 86400000}', 0.75
  );
`;

/** What people and engines wrote; everything else names it by id, so that it can be erased in one place. */
const TEXTS = `
  create table texts (
    id uuid primary key,
    subject text,
    body text not null,
    html text,
    created_at timestamptz not null default now()
  );
`;

/** `state` is the ticket as its workflow carries it; the columns beside it are what lists filter and sort by. */
const TICKETS = `
  create sequence ticket_numbers start 1001;
  create table tickets (
    id uuid primary key,
    number integer not null unique,
    version integer not null,
    status text not null,
    priority text not null,
    channel text not null,
    subject text not null,
    requester_id uuid not null references customers (id),
    assignee_id uuid references users (id),
    sla_due_at timestamptz,
    state jsonb not null,
    owes boolean not null generated always as (jsonb_array_length(state -> 'effects') > 0) stored,
    created_at timestamptz not null,
    updated_at timestamptz not null
  );
  create index tickets_owing on tickets (updated_at) where owes;
  create table catch_ups (
    ticket_id uuid primary key references tickets (id),
    version integer not null
  );
  create index tickets_by_age on tickets (created_at desc, id desc);
  create index tickets_by_status on tickets (status, created_at desc, id desc);
  create index tickets_by_priority on tickets (priority, created_at desc, id desc);
  create index tickets_by_assignee on tickets (assignee_id, created_at desc, id desc);
  create index tickets_by_requester on tickets (requester_id, created_at desc, id desc);
  create table ticket_events (
    ticket_id uuid not null references tickets (id),
    sequence integer not null,
    type text not null,
    at timestamptz not null,
    actor_kind text not null,
    actor_id text,
    caused_by text not null,
    data jsonb not null,
    primary key (ticket_id, sequence)
  );
`;

const CONVERSATION = `
  create table messages (
    id uuid primary key,
    ticket_id uuid not null references tickets (id),
    direction text not null,
    author_kind text not null,
    author_id text,
    text_id uuid not null references texts (id),
    state text not null,
    draft_id uuid,
    external_id text,
    reason_text_id uuid references texts (id),
    created_at timestamptz not null,
    sent_at timestamptz
  );
  create index messages_by_ticket on messages (ticket_id, created_at, id);
  create table drafts (
    id uuid primary key,
    ticket_id uuid not null references tickets (id),
    message_id uuid not null references messages (id),
    text_id uuid not null references texts (id),
    edited_text_id uuid references texts (id),
    state text not null,
    engine text not null,
    confidence real not null,
    decided_by_kind text,
    decided_by_id text,
    decided_at timestamptz,
    created_at timestamptz not null
  );
  create index drafts_by_ticket on drafts (ticket_id, created_at, id);
  create table conversations (
    source text not null,
    external_id text not null,
    ticket_id uuid not null,
    ticket_number integer not null,
    follow_up_of uuid,
    primary key (source, external_id)
  );
`;

/** Whatever arrives is a row here first. Rows of one conversation are handed over in the order of their ids. */
const LEDGER = `
  create table inbox (
    id bigint generated always as identity primary key,
    source text not null,
    external_id text not null,
    kind text not null,
    conversation_key text not null,
    state text not null,
    reason text,
    body text not null,
    ticket_id uuid,
    request_id text not null,
    attempts integer not null default 0,
    due_at timestamptz not null default now(),
    received_at timestamptz not null default now(),
    applied_at timestamptz,
    unique (source, external_id)
  );
  create index inbox_waiting on inbox (id) where state in ('received', 'incomplete');
  create index inbox_waiting_by_conversation on inbox (conversation_key, id) where state in ('received', 'incomplete');
  create index inbox_by_state on inbox (state, id desc);
  create index inbox_by_source on inbox (source, id desc);
  create table webhook_refusals (
    source text not null,
    reason text not null,
    day date not null,
    count bigint not null,
    primary key (source, reason, day)
  );
  create table idempotency_keys (
    principal_id text not null,
    key text not null,
    request_hash text not null,
    status integer,
    headers jsonb,
    body jsonb,
    created_at timestamptz not null default now(),
    primary key (principal_id, key)
  );
`;

/** What the vendors were asked and answered, so that an activity that runs twice asks once. */
const VENDORS = `
  create table ai_answers (
    key text primary key,
    answer jsonb not null,
    created_at timestamptz not null default now()
  );
  create table deliveries (
    message_id uuid primary key,
    attempts integer not null,
    last_error text,
    last_attempt_at timestamptz not null,
    accepted_at timestamptz,
    external_id text
  );
  create table slack_posts (
    key text primary key,
    channel text not null,
    ts text,
    version integer not null default 0,
    created_at timestamptz not null default now()
  );
`;
