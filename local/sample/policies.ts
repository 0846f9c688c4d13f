/**
 * The sample's calendars, policies and rota, as the API takes them: who is answered sooner, in whose hours, and who is
 * paged. Its policies stand before the one that a new desk begins with, which holds for everybody else.
 */
import type { Priority } from '../../domain/ticket.ts';
import type { Customer } from './customers.ts';

/** Minutes of the policy's calendar. */
type Minutes = Record<Priority, number>;

const HOUR = 60;

const AROUND_THE_CLOCK: Minutes = { urgent: 15, high: HOUR, normal: 4 * HOUR, low: 8 * HOUR };
const IN_OFFICE_HOURS: Minutes = { urgent: HOUR, high: 3 * HOUR, normal: 8 * HOUR, low: 16 * HOUR };
/** As the policy `standard` of a new desk has it. */
const STANDARD: Minutes = { urgent: 30, high: 2 * HOUR, normal: 8 * HOUR, low: 24 * HOUR };

const OFFICE_DAY = [{ from: '08:00', to: '18:00' }];
const WHOLE_DAY = [{ from: '00:00', to: '24:00' }];

export const CALENDARS = [
  {
    id: 'berlin',
    name: 'Weekdays in Berlin',
    zone: 'Europe/Berlin',
    weekly: {
      monday: OFFICE_DAY,
      tuesday: OFFICE_DAY,
      wednesday: OFFICE_DAY,
      thursday: OFFICE_DAY,
      friday: [{ from: '08:00', to: '16:00' }],
    },
    country: 'DE',
  },
  {
    id: 'round-the-clock',
    name: 'Round the clock',
    zone: 'UTC',
    weekly: {
      monday: WHOLE_DAY,
      tuesday: WHOLE_DAY,
      wednesday: WHOLE_DAY,
      thursday: WHOLE_DAY,
      friday: WHOLE_DAY,
      saturday: WHOLE_DAY,
      sunday: WHOLE_DAY,
    },
  },
];

const ROTA = 'first-line';

/** The turns of these agents: a week each, from Monday morning on. */
export function rotaOf(agentIds: readonly string[]) {
  const turns = { zone: 'Europe/Berlin', startsOn: '2026-01-05', handOverAt: '09:00', rotationDays: 7 };
  return { id: ROTA, name: 'First line, week by week', kind: 'turns', ...turns, agentIds: [...agentIds] };
}

const CHANNEL_FIRST = { delay: 0, page: [{ kind: 'channel' }, { kind: 'assignee' }] };
const LEAD = { kind: 'role', role: 'lead' };

const TIERS: Readonly<Record<'enterprise' | 'business', readonly Customer['tier'][]>> = {
  enterprise: ['enterprise', 'vip'],
  business: ['business'],
};

/** In the order in which they are tried. */
export const POLICIES = [
  {
    id: 'enterprise',
    position: 1,
    name: 'Enterprise and VIP, round the clock',
    filter: { tier: TIERS.enterprise },
    calendarId: 'round-the-clock',
    targets: {
      firstResponse: AROUND_THE_CLOCK,
      nextResponse: AROUND_THE_CLOCK,
      resolution: { urgent: 4 * HOUR, high: 12 * HOUR, normal: 48 * HOUR, low: 96 * HOUR },
    },
    warnAt: [0.5, 0.75],
    ladder: [CHANNEL_FIRST, { delay: 15, page: [{ kind: 'onCall', rotaId: ROTA }] }, { delay: 15, page: [LEAD] }],
  },
  {
    id: 'business',
    position: 2,
    name: 'Business, in office hours',
    filter: { tier: TIERS.business },
    calendarId: 'berlin',
    targets: {
      firstResponse: IN_OFFICE_HOURS,
      nextResponse: IN_OFFICE_HOURS,
      resolution: { urgent: 8 * HOUR, high: 16 * HOUR, normal: 40 * HOUR, low: 80 * HOUR },
    },
    warnAt: [0.75],
    ladder: [CHANNEL_FIRST, { delay: 30, page: [{ kind: 'team', teamId: null }] }, { delay: 60, page: [LEAD] }],
  },
];

/** The first response's target in minutes for a customer of this tier. */
export function firstResponseMinutes(tier: Customer['tier'], priority: Priority): number {
  if (TIERS.enterprise.includes(tier)) return AROUND_THE_CLOCK[priority];
  if (TIERS.business.includes(tier)) return IN_OFFICE_HOURS[priority];
  return STANDARD[priority];
}
