/** Calendars: in whose hours a policy counts, and when an agent works. */
import type { EntityManager } from '@mikro-orm/postgresql';
import { Calendar } from '../../db/entities/calendar.ts';
import { usersBy, wrong } from '../setting-checks.ts';
import { settingRoutes } from '../setting-routes.ts';
import {
  calendarChangeSchema,
  calendarJson,
  calendarSchema,
  MOST_HOLIDAYS,
  newCalendarSchema,
  weeklyOf,
} from '../shapes/calendar.ts';

/** How many years of public holidays are filled in, this one included. */
const YEARS = 5;

export const calendarRoutes = settingRoutes({
  path: '/api/v1/calendars',
  noun: 'calendar',
  plural: 'calendars',
  most: 100,
  schema: calendarSchema,
  create: newCalendarSchema,
  change: calendarChangeSchema,
  page: (em, after, limit) =>
    em.find(Calendar, after === null ? {} : { id: { $gt: after } }, { orderBy: { id: 'asc' }, limit }),
  placeOf: (row) => row.id,
  find: (em, id) => em.findOne(Calendar, { id }),
  count: (em) => em.count(Calendar),
  json: async (_em, rows) => rows.map(calendarJson),
  async add(em, id, given, at) {
    const { name, zone, weekly, holidays = [], country = null } = given;
    return em.create(Calendar, {
      id,
      name,
      zone,
      weekly: weeklyOf(weekly),
      holidays: await filled(holidays, country, at),
      country: country?.toUpperCase() ?? null,
      createdAt: at,
      updatedAt: at,
    });
  },
  async alter(_em, row, given, at) {
    row.name = given.name ?? row.name;
    row.zone = given.zone ?? row.zone;
    if (given.weekly !== undefined) row.weekly = weeklyOf(given.weekly);
    row.holidays = await filled(given.holidays ?? row.holidays, given.country ?? null, at);
    if (given.country !== undefined) row.country = given.country?.toUpperCase() ?? null;
  },
  usersOf: (em, { id }) =>
    usersBy(
      em,
      `select 'the policy ' || id as by from sla_policies where calendar_id = ?
       union all
       select 'the agent ' || u.name from agents a join users u on u.id = a.id where a.calendar_id = ?`,
      [id, id],
    ),
  remove,
});

async function remove(em: EntityManager, row: Calendar): Promise<void> {
  await em.remove(row).flush();
}

/** The given holidays and, where a country is named, its public ones, in order and each once. */
async function filled(given: readonly string[], country: string | null, at: Date): Promise<string[]> {
  const first = at.getUTCFullYear();
  const years = Array.from({ length: YEARS }, (_, index) => first + index);
  const all = new Set([...given, ...(country === null ? [] : await holidaysOf(country, years))]);
  if (all.size > MOST_HOLIDAYS) {
    throw wrong(
      'holidays',
      `would be ${all.size} with those of ${country ?? 'no country'}; give ${MOST_HOLIDAYS} at most`,
    );
  }
  return [...all].sort();
}

async function holidaysOf(country: string, years: readonly number[]): Promise<string[]> {
  // The tables of the whole world's holidays take a tenth of a start, and are seldom asked for.
  const { publicHolidays } = await import('../../db/holidays.ts');
  try {
    return publicHolidays(country, years);
  } catch (cause) {
    throw wrong(
      'country',
      `names "${country}", whose holidays are not known; name another, or give the holidays`,
      cause,
    );
  }
}
