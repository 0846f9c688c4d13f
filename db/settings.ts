/**
 * The settings that decide about tickets: policies with their calendars, and support types. Read whole and kept in memory
 * until a newer version is asked for; each write of a setting raises the version.
 *
 * Does not promise the newest version to everybody at the same moment: a ticket that was judged by an older one is told
 * of the newer when it is there.
 */
import type { Pool } from 'pg';
import { z } from 'zod';
import type { Calendar } from '../domain/business-hours.ts';
import { choosePolicy, type FilteredPolicy, type PolicyFacts, type SlaPolicy } from '../domain/sla-policy.ts';
import type { SupportType } from '../domain/support-type.ts';
import type { TypeFacts } from '../domain/ticket.ts';
import { offsetsOf } from './zone-offsets.ts';

const DAY = 24 * 3_600_000;
/** For how long around now a zone's offsets are compiled; a deadline ten years ahead is none. */
const OFFSETS = { before: 2 * 365 * DAY, after: 11 * 365 * DAY };

export interface Settings {
  version: number;
  /** In their order. */
  policies: readonly FilteredPolicy[];
  types: readonly SupportType[];
  /** By their ids. */
  calendars: ReadonlyMap<string, Calendar>;
}

export interface SettingsReader {
  /** The settings at `version` or later; the newest when no version is given. */
  read(version?: number): Promise<Settings>;
}

/** Reads settings from the database behind `pool`. */
export function createSettings(pool: Pool): SettingsReader {
  let kept: Settings | undefined;
  let loading: Promise<Settings> | undefined;
  return {
    async read(version) {
      const wanted = version ?? (await versionOf(pool));
      // One that was being loaded already may be older than what is asked for.
      while (kept === undefined || kept.version < wanted) {
        loading ??= load(pool).finally(() => {
          loading = undefined;
        });
        kept = await loading;
      }
      return kept;
    },
  };
}

/** A policy without a target, for a ticket that none of the policies fits. */
const NO_POLICY: Omit<SlaPolicy, 'version'> = {
  id: 'none',
  name: 'No policy',
  calendar: null,
  targets: { firstResponse: null, nextResponse: null, resolution: null },
  warnAt: [],
  ladder: [],
};

/** The policy for a ticket with these facts: its type's own, else the first that fits, else one without targets. */
export function policyFor(settings: Settings, facts: PolicyFacts): SlaPolicy {
  const { policies, types, version } = settings;
  const own = types.find(({ id }) => id === facts.supportType)?.policyId ?? null;
  const chosen = policies.find(({ id }) => id === own) ?? choosePolicy(policies, facts);
  if (chosen === null) return { ...NO_POLICY, version };
  const { filter: _, ...policy } = chosen;
  return policy;
}

/** What a ticket carries of the support type `id`; null when there is none, or no such type. */
export function typeFactsFor(settings: Settings, id: string | null): TypeFacts | null {
  const type = settings.types.find((one) => one.id === id);
  if (type === undefined) return null;
  const { autonomy, assignmentMode, teamId, reasonRequired, autoCloseDays } = type;
  return { id: type.id, autonomy, assignmentMode, teamId, reasonRequired, autoCloseAfter: autoCloseDays * DAY };
}

/** A connection with a transaction open, of the pool or of the ORM. */
export interface Transaction {
  query(text: string): Promise<{ rows: unknown[] }>;
}

/** Raises the version, in the transaction of the change itself, and tells whoever follows the settings. */
export async function raiseSettingsVersion(db: Transaction): Promise<number> {
  const { rows } = await db.query('update settings_version set version = version + 1 returning version');
  if (rows.length === 0) throw new Error('settings_version has no row; was the database migrated?');
  await db.query(`select pg_notify('${SETTINGS_CHANNEL}', '')`);
  return versionSchema.parse(rows[0]).version;
}

const versionSchema = z.object({ version: z.int() });

/** The channel on which changed settings are announced. */
export const SETTINGS_CHANNEL = 'settings';

async function versionOf(pool: Pool): Promise<number> {
  const { rows } = await pool.query<{ version: number }>({
    name: 'settings-version',
    text: 'select version from settings_version',
  });
  return rows[0]?.version ?? 0;
}

/** Everything in one statement, so that it is of one moment; with it the policies are kept as they were then. */
const LOAD = `
  select v.version,
         (select coalesce(json_agg(json_build_object(
            'id', p.id, 'name', p.name, 'version', v.version, 'filter', p.filter, 'targets', p.targets,
            'warnAt', p.warn_at, 'ladder', p.ladder, 'calendarId', p.calendar_id) order by p.position), '[]')
          from sla_policies p) as policies,
         (select coalesce(json_agg(json_build_object(
            'id', c.id, 'zone', c.zone, 'weekly', c.weekly, 'holidays', c.holidays)), '[]')
          from calendars c) as calendars,
         (select coalesce(json_agg(t.body order by t.position), '[]') from support_types t where t.active) as types
  from settings_version v
`;

interface Loaded {
  version: number;
  policies: (Omit<FilteredPolicy, 'calendar'> & { calendarId: string | null })[];
  calendars: Omit<Calendar, 'offsets'>[];
  types: SupportType[];
}

async function load(pool: Pool): Promise<Settings> {
  const { rows } = await pool.query<Loaded>({ name: 'settings-load', text: LOAD });
  const [loaded] = rows;
  if (loaded === undefined) throw new Error('settings_version has no row; was the database migrated?');
  const now = Date.now();
  const calendars = new Map<string, Calendar>(
    loaded.calendars.map((calendar) => [
      calendar.id,
      { ...calendar, offsets: offsetsOf(calendar.zone, now - OFFSETS.before, now + OFFSETS.after) },
    ]),
  );
  const policies = loaded.policies.map(({ calendarId, ...policy }): FilteredPolicy => ({
    ...policy,
    calendar: calendarId === null ? null : (calendars.get(calendarId) ?? null),
  }));
  await keepSnapshots(pool, policies);
  return { version: loaded.version, policies, types: loaded.types, calendars };
}

/** A ticket's deadlines are explained by the policy as it was when they were set. */
async function keepSnapshots(pool: Pool, policies: readonly FilteredPolicy[]): Promise<void> {
  await pool.query({
    name: 'settings-snapshots',
    text: `insert into policy_snapshots (policy_id, version, policy)
           select p ->> 'id', (p ->> 'version')::integer, p from jsonb_array_elements($1::jsonb) p
           on conflict do nothing`,
    values: [JSON.stringify(policies)],
  });
}
