/**
 * Service-level policies: which targets a ticket has, in whose hours, when it is said to be at risk and who is paged
 * after a breach; and which policy of an ordered list a ticket falls under. Does not promise that somebody is there to be
 * paged: a step names roles, and who fills them is looked up when its time has come.
 */
import type { Calendar } from './business-hours.ts';
import type { Channel, Priority, Severity } from './ticket.ts';

export const TARGETS = ['firstResponse', 'nextResponse', 'resolution'] as const;
export type Target = (typeof TARGETS)[number];

/** What people call the targets. */
export const TARGET_NAMES: Readonly<Record<Target, string>> = {
  firstResponse: 'first response',
  nextResponse: 'next response',
  resolution: 'resolution',
};

/** Whom a step pages; `channel` is the desk's Slack channel. */
export type Pagee =
  | { kind: 'assignee' }
  /** `teamId` null: the ticket's own team. */
  | { kind: 'team'; teamId: string | null }
  | { kind: 'role'; role: 'lead' | 'admin' }
  | { kind: 'onCall'; rotaId: string }
  | { kind: 'pagerDuty' }
  | { kind: 'channel' };

export interface LadderStep {
  /** Milliseconds after the breach for the first step, else after the step before. */
  delay: number;
  page: readonly Pagee[];
}

export interface SlaPolicy {
  id: string;
  name: string;
  /** Of the settings that it was read at. */
  version: number;
  /** null: calendar time, every minute counts. */
  calendar: Calendar | null;
  /** Milliseconds of counted time by priority; null: the policy sets no such target. */
  targets: Record<Target, Record<Priority, number> | null>;
  /** Shares of the target after which a ticket is said to be at risk, such as 0.75. */
  warnAt: readonly number[];
  ladder: readonly LadderStep[];
}

/** The values that a policy accepts; an absent list accepts any, and `tag` asks for one of them. */
export interface PolicyFilter {
  tier?: readonly string[];
  severity?: readonly Severity[];
  priority?: readonly Priority[];
  supportType?: readonly string[];
  channel?: readonly Channel[];
  tag?: readonly string[];
}

export interface FilteredPolicy extends SlaPolicy {
  filter: PolicyFilter;
}

/** What a policy is chosen by. */
export interface PolicyFacts {
  tier: string | null;
  severity: Severity | null;
  priority: Priority;
  supportType: string | null;
  channel: Channel;
  tags: readonly string[];
}

/** The first of `policies`, in their order, whose filter fits `facts`; null when none does. */
export function choosePolicy(policies: readonly FilteredPolicy[], facts: PolicyFacts): FilteredPolicy | null {
  return policies.find((policy) => fits(policy.filter, facts)) ?? null;
}

/** Whether two sets of facts would choose the same policy from every list; the order of the tags does not matter. */
export function sameFacts(a: PolicyFacts, b: PolicyFacts): boolean {
  return (
    a.tier === b.tier &&
    a.severity === b.severity &&
    a.priority === b.priority &&
    a.supportType === b.supportType &&
    a.channel === b.channel &&
    a.tags.every((tag) => b.tags.includes(tag)) &&
    b.tags.every((tag) => a.tags.includes(tag))
  );
}

function fits(filter: PolicyFilter, facts: PolicyFacts): boolean {
  return (
    accepts(filter.tier, facts.tier) &&
    accepts(filter.severity, facts.severity) &&
    accepts(filter.priority, facts.priority) &&
    accepts(filter.supportType, facts.supportType) &&
    accepts(filter.channel, facts.channel) &&
    (filter.tag === undefined || filter.tag.some((tag) => facts.tags.includes(tag)))
  );
}

function accepts<Value>(accepted: readonly Value[] | undefined, value: Value | null): boolean {
  return accepted === undefined || (value !== null && accepted.includes(value));
}
