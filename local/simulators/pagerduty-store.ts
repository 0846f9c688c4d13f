/**
 * The incidents and on-call schedules that the PagerDuty simulator holds.
 *
 * An open incident takes every further trigger of its key; a resolved one takes none, and the next trigger opens another.
 * A webhook may speak of an incident that was never triggered here, because the desk may outlive this memory.
 */
import {
  type IncidentStatus,
  type OnCallUser,
  type PagerdutyIncident,
  pagerdutyFacts,
  pagerdutyIncident,
} from './pagerduty-shapes.ts';

type Trigger = {
  summary: string;
  source: string;
  severity: 'critical' | 'error' | 'warning' | 'info';
  details: unknown;
  links: readonly object[];
  client: string | undefined;
  clientUrl: string | undefined;
};

type Kept = { incident: PagerdutyIncident; triggers: Trigger[] };

export class PagerdutyStore {
  readonly #kept: Kept[] = [];
  readonly #schedules = new Map<string, readonly OnCallUser[]>();
  /** The simulator's own address, for the links inside PagerDuty's objects. */
  origin = '';

  /** Adds a trigger to the open incident of the key, or opens one. */
  trigger(key: string, trigger: Trigger): void {
    const urgency = trigger.severity === 'critical' || trigger.severity === 'error' ? 'high' : 'low';
    const kept = this.#newest(key, 'open') ?? this.#open(key, trigger.summary, urgency);
    kept.triggers.push(trigger);
  }

  /** Changes the open incident of the key; drops it where there is none, as PagerDuty does. */
  change(key: string, status: IncidentStatus): void {
    const kept = this.#newest(key, 'open');
    if (kept !== undefined) kept.incident.status = status;
  }

  /** The incident a webhook speaks of, the newest of the key, made up where it is new, with the status it tells. */
  touch(key: string, status: IncidentStatus | undefined): PagerdutyIncident {
    const kept = this.#newest(key) ?? this.#open(key, 'An earlier incident', 'high');
    if (status !== undefined) kept.incident.status = status;
    return kept.incident;
  }

  /** Replaces who is on call for a schedule. */
  setOnCall(scheduleId: string, users: readonly OnCallUser[]): void {
    this.#schedules.set(scheduleId, users);
  }

  /** Who is on call for any of the schedules at some time from `since` to `until` (milliseconds since 1970). */
  onCall(scheduleIds: readonly string[], since: number, until: number): { scheduleId: string; user: OnCallUser }[] {
    const wanted = scheduleIds.length === 0 ? [...this.#schedules.keys()] : scheduleIds;
    const all = wanted.flatMap((scheduleId) =>
      (this.#schedules.get(scheduleId) ?? []).map((user) => ({ scheduleId, user })),
    );
    return all.filter(({ user: { start, end } }) => {
      const begins = start === undefined ? -Infinity : Date.parse(start);
      // Generous at both ends, so that whoever asks has to look at the times himself.
      return begins <= until && (end === undefined ? Infinity : Date.parse(end)) >= since;
    });
  }

  /** Everything held, for `GET /_sim/state`. */
  state() {
    const incidents = this.#kept.map(({ incident, triggers }) => ({ ...incident, triggers }));
    const schedules = [...this.#schedules].map(([id, users]) => ({ id, users }));
    return { incidents, schedules, service: pagerdutyFacts.service };
  }

  #newest(key: string, which: 'open' | 'any' = 'any'): Kept | undefined {
    return this.#kept.findLast(
      ({ incident }) => incident.incident_key === key && (which === 'any' || incident.status !== 'resolved'),
    );
  }

  #open(key: string, title: string, urgency: 'high' | 'low'): Kept {
    const facts = { number: this.#kept.length + 1, status: 'triggered', key, title, urgency } as const;
    const incident = pagerdutyIncident(this.origin, facts);
    const kept: Kept = { incident, triggers: [] };
    this.#kept.push(kept);
    return kept;
  }
}
