/**
 * PagerDuty's own objects: incident, on-call entry, and its errors, as its documentation shows them.
 *
 * Carries the fields that a support desk reads. Does not promise every field that PagerDuty has.
 */
import { randomInt } from 'node:crypto';

/** Facts that come from third parties or from documentation that we could not try: correct them here. */
export const pagerdutyFacts = {
  account: 'https://holdfast.pagerduty.com',
  service: { id: 'PSUPPRT', name: 'Support desk' },
  policy: { id: 'PPOLICY', name: 'Support desk, always somebody' },
  mergeReason: 'merge_resolve_reason',
  longestSummary: 1024,
  longestDedupKey: 255,
  pageLimit: 25,
  pageLimitMost: 100,
  mostEntries: 10_000,
  /** The REST API's own codes, by HTTP status. */
  codes: new Map([
    [400, 2001],
    [401, 2006],
    [403, 2010],
    [404, 2100],
    [408, 2016],
    [429, 2020],
  ]),
} as const;

/** An id in PagerDuty's form, such as `P1X9K2F`. */
export function newPagerdutyId(): string {
  return `P${Array.from({ length: 6 }, () => randomInt(36).toString(36)).join('')}`.toUpperCase();
}

/** A pointer to another object, as PagerDuty writes it within its objects. */
export function reference(origin: string, kind: string, id: string, summary: string) {
  const plural = kind.endsWith('y') ? `${kind.slice(0, -1)}ies` : `${kind}s`;
  const html = `${pagerdutyFacts.account}/${plural}/${id}`;
  return { html_url: html, id, self: `${origin}/${plural}/${id}`, summary, type: `${kind}_reference` };
}

export type IncidentStatus = 'triggered' | 'acknowledged' | 'resolved';
export type PagerdutyIncident = ReturnType<typeof pagerdutyIncident>;

/** An incident as a webhook's `data` shows it. */
export function pagerdutyIncident(
  origin: string,
  facts: { number: number; status: IncidentStatus; key: string; title: string; urgency: 'high' | 'low' },
) {
  const id = newPagerdutyId();
  const { service, policy } = pagerdutyFacts;
  return {
    id,
    type: 'incident',
    self: `${origin}/incidents/${id}`,
    html_url: `${pagerdutyFacts.account}/incidents/${id}`,
    number: facts.number,
    status: facts.status,
    incident_key: facts.key,
    created_at: new Date().toISOString(),
    title: facts.title,
    service: reference(origin, 'service', service.id, service.name),
    assignees: [],
    escalation_policy: reference(origin, 'escalation_policy', policy.id, policy.name),
    teams: [],
    priority: null,
    urgency: facts.urgency,
    conference_bridge: null,
    resolve_reason: null,
  };
}

export type OnCallUser = {
  id: string;
  name: string;
  email: string;
  level: number;
  start?: string | undefined;
  end?: string | undefined;
};

/** An entry of `GET /oncalls`; without `include[]=users` the user is a pointer only, without name and email. */
export function oncallEntry(origin: string, scheduleId: string, user: OnCallUser, whole: boolean) {
  const { id, name, email, level, start, end } = user;
  const pointer = reference(origin, 'user', id, name);
  const { policy } = pagerdutyFacts;
  return {
    user: whole ? { ...pointer, type: 'user', name, email, time_zone: 'Etc/UTC', role: 'user' } : pointer,
    schedule: reference(origin, 'schedule', scheduleId, `Schedule ${scheduleId}`),
    escalation_policy: reference(origin, 'escalation_policy', policy.id, policy.name),
    escalation_level: level,
    start: start ?? null,
    end: end ?? null,
  };
}

/** A refusal of the Events API. */
export function invalidEvent(errors: readonly string[]) {
  return { status: 400, body: { status: 'invalid event', message: 'Event object is invalid', errors } };
}

/** A refusal of the REST API. */
export function restError(status: number, message: string, errors: readonly string[], code?: number) {
  return {
    status,
    body: { error: { message, code: code ?? pagerdutyFacts.codes.get(status) ?? 2000, errors } },
  };
}

/** A refusal in the shapes of both APIs, for a fault that hits whichever is called. */
export function eitherError(status: number, message: string) {
  const errors = ['The simulator was told so.'];
  return {
    status,
    body: { status: message.toLowerCase(), message, errors, ...restError(status, message, errors).body },
  };
}
