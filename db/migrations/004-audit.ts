import { Migration } from '@mikro-orm/migrations';

/** What was changed, by whom: append-only and chained. */
export class Audit extends Migration {
  override up(): void {
    this.addSql(ENTRIES);
    this.addSql(CHAIN);
    this.addSql(WRITING);
    this.addSql(AUDITED.map(watched).join('\n'));
    this.addSql(APPEND_ONLY);
    this.addSql(QUEUE);
  }

  override down(): void {
    this.addSql(`
      ${AUDITED.map(({ table }) => `drop trigger ${table}_audited on ${table};`).join('\n')}
      drop trigger ticket_events_never_emptied on ticket_events;
      drop trigger ticket_events_sealed_later on ticket_events;
      drop table audit_chain, audit_unsealed, audit_entries, sign_in_refusals;
      drop function note_change, write_audit, seal_entries_later, seal_events_later;
    `);
  }
}

/**
 * `changes`: column → {before, after}, or null for a column of which only the name is told. `target_id` is text, because
 * settings have ids of letters.
 */
const ENTRIES = `
  create table audit_entries (
    id uuid primary key,
    at timestamptz not null,
    actor_kind text not null,
    actor_id uuid,
    request_id text,
    action text not null,
    target text not null,
    target_id text,
    changes jsonb not null default '{}',
    details jsonb not null default '{}'
  );
  create index audit_by_age on audit_entries (at desc, id desc);
  create index audit_by_actor on audit_entries (actor_id, at desc, id desc);
  create index audit_by_action on audit_entries (action, at desc, id desc);
  create index audit_by_target on audit_entries (target, at desc, id desc);
  create index audit_by_target_id on audit_entries (target_id, at desc, id desc);
  create table sign_in_refusals (
    reason text not null,
    day date not null,
    count bigint not null,
    primary key (reason, day)
  );
`;

/**
 * Writers put a name into `audit_unsealed` and wait for nobody; one sealer moves the names into the chain, in the order in
 * which it meets them. `sequence` is the event's number in its ticket, and 0 for an audit entry.
 */
const CHAIN = `
  create table audit_unsealed (
    id bigint generated always as identity primary key,
    source text not null check (source in ('audit', 'ticket')),
    entry_id uuid not null,
    sequence integer not null,
    queued_at timestamptz not null default clock_timestamp()
  );
  create table audit_chain (
    position bigint primary key,
    source text not null check (source in ('audit', 'ticket')),
    entry_id uuid not null,
    sequence integer not null,
    hash bytea not null check (length(hash) = 32),
    unique (entry_id, sequence)
  );
`;

/**
 * The trigger's arguments: what the API calls the table's rows; the columns that name one, with commas between; those that
 * change all the time and say nothing; those of which only the name is told, `*` being all. Of a customer no words, no name
 * and no address are told, also where he signs in as a user, so that erasing him never needs to touch what is append-only.
 */
const WRITING = `
  create function write_audit(who jsonb, action text, target text, target_id text, changes jsonb, details jsonb)
  returns uuid language sql as $$
    insert into audit_entries (id, at, actor_kind, actor_id, request_id, action, target, target_id, changes, details)
    values (gen_random_uuid(), clock_timestamp(), coalesce(who ->> 'kind', 'system'), (who ->> 'id')::uuid, who ->> 'requestId',
            action, target, target_id, changes, details)
    returning id
  $$;
  create function note_change() returns trigger language plpgsql as $$
  declare
    noise text[] := string_to_array(tg_argv[2], ',') || '{created_at,updated_at}';
    was jsonb := case when tg_op = 'INSERT' then '{}' else to_jsonb(old) - noise end;
    now_is jsonb := case when tg_op = 'DELETE' then '{}' else to_jsonb(new) - noise end;
    hidden text[] := string_to_array(tg_argv[3], ',');
    changes jsonb;
    target_id text;
  begin
    -- Loads and last uses change all the time, so nothing more is spent on them.
    if was = now_is then
      return null;
    end if;
    if coalesce(was ->> 'customer_id', now_is ->> 'customer_id') is not null then
      hidden := hidden || '{email,name}';
    end if;
    select jsonb_object_agg(key, case
             when not hidden && array['*', key] then jsonb_build_object('before', was -> key, 'after', now_is -> key)
           end)
    into changes
    from jsonb_object_keys(was || now_is) key
    where was ->> key is distinct from now_is ->> key;
    select string_agg((now_is || was) ->> key, '/' order by n) into target_id
    from unnest(string_to_array(tg_argv[1], ',')) with ordinality as k (key, n);
    perform write_audit(
      nullif(current_setting('holdfast.actor', true), '')::jsonb,
      tg_argv[0] || case tg_op when 'INSERT' then '.create' when 'UPDATE' then '.update' else '.delete' end,
      tg_argv[0], target_id, coalesce(changes, '{}'), '{}'
    );
    return null;
  end $$;
`;

interface Audited {
  table: string;
  noun: string;
  key?: string;
  noise?: string;
  hidden?: string;
  /** What is written down; a user's seat comes with the user. */
  events?: string;
}

const AUDITED: readonly Audited[] = [
  { table: 'users', noun: 'users', hidden: 'password_hash' },
  { table: 'api_keys', noun: 'apiKeys', noise: 'last_used_at', hidden: 'hash,hint' },
  { table: 'sessions', noun: 'sessions', noise: 'last_used_at,expires_at' },
  { table: 'password_tokens', noun: 'passwordTokens', key: 'user_id', noise: 'issued_at', hidden: 'hash' },
  { table: 'customers', noun: 'customers', hidden: '*' },
  { table: 'organisations', noun: 'organisations' },
  { table: 'teams', noun: 'teams' },
  { table: 'team_members', noun: 'teamMembers', key: 'team_id,agent_id' },
  {
    table: 'agents',
    noun: 'agents',
    noise: 'load,availability,last_seen_at,last_assigned_at',
    events: 'update or delete',
  },
  { table: 'calendars', noun: 'calendars' },
  { table: 'sla_policies', noun: 'slaPolicies' },
  { table: 'support_types', noun: 'supportTypes' },
  { table: 'rotas', noun: 'rotas' },
];

function watched({ table, noun, key = 'id', noise = '', hidden = '', events }: Audited): string {
  return `
    create trigger ${table}_audited after ${events ?? 'insert or update or delete'} on ${table}
      for each row execute function note_change('${noun}', '${key}', '${noise}', '${hidden}');
  `;
}

/** Also emptying a table at once is a change of what happened. */
const APPEND_ONLY = `
  create trigger audit_entries_append_only before update or delete or truncate on audit_entries
    for each statement execute function refuse_change();
  create trigger audit_chain_append_only before update or delete or truncate on audit_chain
    for each statement execute function refuse_change();
  create trigger ticket_events_never_emptied before truncate on ticket_events
    for each statement execute function refuse_change();
`;

/** Whatever happened before is sealed first. */
const QUEUE = `
  create function seal_entries_later() returns trigger language plpgsql as $$
  begin
    insert into audit_unsealed (source, entry_id, sequence) select 'audit', id, 0 from added;
    return null;
  end $$;
  create trigger audit_entries_sealed_later after insert on audit_entries
    referencing new table as added for each statement execute function seal_entries_later();
  create function seal_events_later() returns trigger language plpgsql as $$
  begin
    insert into audit_unsealed (source, entry_id, sequence) select 'ticket', ticket_id, sequence from added;
    return null;
  end $$;
  create trigger ticket_events_sealed_later after insert on ticket_events
    referencing new table as added for each statement execute function seal_events_later();
  insert into audit_unsealed (source, entry_id, sequence)
    select 'ticket', ticket_id, sequence from ticket_events order by at, ticket_id, sequence;
`;
