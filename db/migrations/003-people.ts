import { Migration } from '@mikro-orm/migrations';

/** People as they sign in: scopes, sessions with rotating tokens, single-use tokens, lock-outs; and organisations. */
export class People extends Migration {
  override up(): void {
    this.addSql(ORGANISATIONS);
    this.addSql(USERS);
    this.addSql(SESSIONS);
    this.addSql(KEYS);
  }

  override down(): void {
    this.addSql(`
      alter table api_keys drop column permissions, drop column scope, drop column hint, drop column created_by;
      drop trigger users_become_agents on users;
      drop table login_failures, password_tokens, refresh_tokens, sessions;
      drop index users_by_role, api_keys_by_user;
      alter table users drop column customer_id, drop column scope, drop column disabled_at, drop column updated_at;
      alter table customers drop column organisation_id, drop column erased_at, drop column updated_at;
      drop table organisations;
    `);
  }
}

/** A customer's tier is his own, or else the one of the organisation that he belongs to. */
const ORGANISATIONS = `
  create table organisations (
    id uuid primary key,
    name text not null unique,
    domain text unique check (domain = lower(domain)),
    tier text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  alter table customers
    add column organisation_id uuid references organisations (id),
    add column erased_at timestamptz,
    add column updated_at timestamptz not null default now();
  create index customers_by_organisation on customers (organisation_id, created_at desc, id desc)
    where organisation_id is not null;
  create index customers_by_age on customers (created_at desc, id desc);
`;

/** `scope`: {supportTypes, teams, organisations}, each a list or null; without one, everything. */
const USERS = `
  alter table users
    add column customer_id uuid unique references customers (id),
    add column scope jsonb,
    add column disabled_at timestamptz,
    add column updated_at timestamptz not null default now(),
    add constraint customers_are_somebody check ((role = 'customer') = (customer_id is not null));
  create index users_by_role on users (role, email);
  create trigger users_become_agents after update of role on users for each row
    when (new.role in ('admin', 'lead', 'agent', 'bot')) execute function add_agent();
`;

/** A refresh token holds once: one that comes a second time was stolen, by the first or by the second, and ends its session. */
const SESSIONS = `
  create table sessions (
    id uuid primary key,
    user_id uuid not null references users (id),
    created_at timestamptz not null,
    last_used_at timestamptz not null,
    expires_at timestamptz not null,
    ended_at timestamptz,
    end_reason text
  );
  create index sessions_by_user on sessions (user_id) where ended_at is null;
  create table refresh_tokens (
    hash text primary key,
    session_id uuid not null references sessions (id) on delete cascade,
    issued_at timestamptz not null,
    used_at timestamptz
  );
  create index refresh_tokens_by_session on refresh_tokens (session_id);
  create table password_tokens (
    hash text primary key,
    user_id uuid not null references users (id),
    issued_at timestamptz not null,
    expires_at timestamptz not null,
    used_at timestamptz
  );
  create index password_tokens_by_user on password_tokens (user_id);
  create table login_failures (
    key_hash text primary key,
    failures integer not null,
    blocked_until timestamptz not null,
    updated_at timestamptz not null
  );
  create index login_failures_by_age on login_failures (updated_at);
`;

/**
 * `role` counts for a key without a user only: another one's is the user's. `permissions`: what the key was cut down to;
 * without it, all that the role grants. `hint`: the key's last four letters.
 */
const KEYS = `
  alter table api_keys
    add column permissions jsonb,
    add column scope jsonb,
    add column hint text,
    add column created_by uuid references users (id);
  create index api_keys_by_user on api_keys (user_id) where revoked_at is null;
`;
