import { Migration } from '@mikro-orm/migrations';
import { SUPPORT_TYPES, TEAMS } from '../support-types.ts';

/** The whole life of a ticket: settings, agents with their capacity, links and merges, and an append-only timeline. */
export class WholeLife extends Migration {
  override up(): void {
    this.addSql(SETTINGS);
    this.addSql(AGENTS);
    this.addSql(SEAT_FOR_EVERYBODY);
    this.addSql(SEATS);
    this.addSql(TICKETS);
    this.addSql(APPEND_ONLY);
    this.addSql(seeds());
  }

  override down(): void {
    this.addSql(`
      drop trigger ticket_events_append_only on ticket_events;
      drop function refuse_change;
      drop view sla_metrics;
      drop table ticket_links, settings_told;
      alter table tickets drop column support_type, drop column team_id, drop column severity, drop column tags,
        drop column custom_fields, drop column merged_into, drop column snoozed, drop column waiting, drop column late, drop column at_risk,
        drop column settings_version;
      drop trigger users_are_agents on users;
      drop function add_agent, move_seat, check_merge;
      alter table messages drop column send_at;
      drop table team_members, agents, teams, rotas, support_types, policy_snapshots, settings_version;
      drop table sla_policies, calendars;
      create table sla_policies (
        id text primary key, position integer not null unique, name text not null, first_response jsonb not null,
        warn_share real not null
      );
    `);
  }
}

/** Each write of a setting raises `settings_version`; whoever keeps settings in memory, or follows them, asks for it. */
const SETTINGS = `
  create table settings_version (sole boolean primary key default true check (sole), version integer not null);
  insert into settings_version (version) values (1);
  create table calendars (
    id text primary key,
    name text not null,
    zone text not null,
    weekly jsonb not null,
    holidays jsonb not null default '[]',
    country text,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  drop table sla_policies;
  create table sla_policies (
    id text primary key,
    position integer not null unique deferrable initially deferred,
    name text not null,
    filter jsonb not null default '{}',
    calendar_id text references calendars (id),
    targets jsonb not null,
    warn_at jsonb not null default '[0.75]',
    ladder jsonb not null default '[]',
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create table policy_snapshots (
    policy_id text not null,
    version integer not null,
    policy jsonb not null,
    primary key (policy_id, version)
  );
  create table support_types (
    id text primary key,
    position integer not null,
    body jsonb not null,
    active boolean not null default true,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create table rotas (
    id text primary key,
    name text not null,
    body jsonb not null,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
`;

const AGENTS = `
  create table teams (
    id text primary key,
    name text not null unique,
    created_at timestamptz not null default now(),
    updated_at timestamptz not null default now()
  );
  create table agents (
    id uuid primary key references users (id),
    availability text not null default 'offline' check (availability in ('online', 'away', 'offline')),
    capacity integer not null default 20 check (capacity between 0 and 1000),
    load integer not null default 0 check (load >= 0),
    senior boolean not null default false,
    languages jsonb not null default '["en"]',
    skills jsonb not null default '{}',
    calendar_id text references calendars (id),
    on_away text not null default 'keep' check (on_away in ('keep', 'handBack')),
    last_seen_at timestamptz,
    last_assigned_at timestamptz,
    updated_at timestamptz not null default now()
  );
  insert into agents (id) select id from users where role in ('admin', 'lead', 'agent', 'bot');
  create table team_members (
    team_id text not null references teams (id) on delete cascade,
    agent_id uuid not null references agents (id) on delete cascade,
    primary key (team_id, agent_id)
  );
  create index team_members_by_agent on team_members (agent_id);
`;

/** Everybody who works at the desk has a seat at it, whichever way they came in. */
const SEAT_FOR_EVERYBODY = `
  create function add_agent() returns trigger language plpgsql as $$
  begin
    insert into agents (id) values (new.id) on conflict do nothing;
    return new;
  end $$;
  create trigger users_are_agents after insert on users for each row
    when (new.role in ('admin', 'lead', 'agent', 'bot')) execute function add_agent();
`;

/**
 * An agent's load changes in the statement that records the assignment, and only while there is room: a capacity that is
 * checked before it is taken is exceeded sooner or later. Class HF: refusals that the recorder knows.
 */
const SEATS = `
  create function move_seat(before uuid, after uuid, must_be_online boolean) returns void language plpgsql as $$
  begin
    -- In the order of their ids, so that two moves that cross do not wait for each other.
    perform from agents where id in (before, after) order by id for no key update;
    if before is not null then
      update agents set load = load - 1 where id = before;
    end if;
    if after is not null then
      update agents set load = load + 1, last_assigned_at = clock_timestamp()
      where id = after and load < capacity and (availability = 'online' or not must_be_online);
      if not found then
        raise exception 'agent % has no room', after using errcode = 'HF001';
      end if;
    end if;
  end $$;
  create function check_merge(into_id uuid) returns void language plpgsql as $$
  begin
    perform from tickets where id = into_id and merged_into is null and status <> 'closed' for update;
    if not found then
      raise exception 'ticket % takes no other', into_id using errcode = 'HF002';
    end if;
  end $$;
`;

const TICKETS = `
  alter table tickets
    add column support_type text,
    add column team_id text,
    add column severity text,
    add column tags jsonb not null default '[]',
    add column custom_fields jsonb not null default '{}',
    add column merged_into uuid,
    add column snoozed boolean not null default false,
    add column waiting boolean not null default false,
    add column late boolean not null default false,
    add column at_risk boolean not null default false,
    add column settings_version integer not null default 0;
  create index tickets_waiting on tickets (sla_due_at, created_at, id) where waiting;
  create index tickets_late on tickets (created_at desc, id desc) where late;
  create index tickets_at_risk on tickets (created_at desc, id desc) where at_risk;
  create index tickets_by_team on tickets (team_id, created_at desc, id desc);
  create index tickets_by_type on tickets (support_type, created_at desc, id desc);
  create index tickets_by_channel on tickets (channel, created_at desc, id desc);
  create index tickets_by_tag on tickets using gin (tags);
  create index tickets_by_deadline on tickets (sla_due_at, id) where sla_due_at is not null;
  create index tickets_by_settings on tickets (settings_version) where status <> 'closed';
  create index tickets_by_merge on tickets (merged_into) where merged_into is not null;
  create index tickets_held on tickets (assignee_id, sla_due_at) where status not in ('resolved', 'closed');
  create table settings_told (
    ticket_id uuid primary key references tickets (id),
    version integer not null,
    ticket_version integer not null
  );
  create table ticket_links (
    ticket_id uuid not null references tickets (id),
    other_id uuid not null references tickets (id),
    kind text not null,
    created_at timestamptz not null,
    primary key (ticket_id, other_id, kind)
  );
  alter table messages add column send_at timestamptz;
  create view sla_metrics as
    select ticket_id, sequence, substr(type, 5) as type, at, data from ticket_events where type like 'sla.%';
`;

/** What happened stays as it was written. */
const APPEND_ONLY = `
  create function refuse_change() returns trigger language plpgsql as $$
  begin
    raise exception '% is append-only', tg_table_name using errcode = 'HF003';
  end $$;
  create trigger ticket_events_append_only before update or delete on ticket_events
    for each row execute function refuse_change();
`;

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;

/** A desk that nobody has set up yet: one policy in calendar time, working days, the usual teams and support types. */
function seeds(): string {
  const response = { urgent: 30 * MINUTE, high: 2 * HOUR, normal: 8 * HOUR, low: 24 * HOUR };
  const targets = {
    firstResponse: response,
    nextResponse: response,
    resolution: { urgent: 8 * HOUR, high: 24 * HOUR, normal: 72 * HOUR, low: 168 * HOUR },
  };
  const ladder = [
    { delay: 0, page: [{ kind: 'channel' }, { kind: 'assignee' }] },
    { delay: 15 * MINUTE, page: [{ kind: 'role', role: 'lead' }] },
  ];
  const day = [{ from: 9 * 60, to: 17 * 60 }];
  const weekly = [day, day, day, day, day, [], []];
  return `
    insert into calendars (id, name, zone, weekly) values ('weekdays', 'Weekdays, 9 to 5', 'UTC', ${json(weekly)});
    insert into sla_policies (id, position, name, targets, ladder)
      values ('standard', 1, 'Standard', ${json(targets)}, ${json(ladder)});
    insert into teams (id, name) select t ->> 'id', t ->> 'name' from jsonb_array_elements(${json(TEAMS)}) t;
    insert into support_types (id, position, body)
      select t ->> 'id', n, t from jsonb_array_elements(${json(SUPPORT_TYPES)}) with ordinality as s (t, n);
  `;
}

function json(value: unknown): string {
  return `'${JSON.stringify(value).replaceAll("'", "''")}'::jsonb`;
}
