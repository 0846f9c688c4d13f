/**
 * The public holidays of a country, for filling a calendar. Taken from the package `date-holidays`, which computes them by
 * rule: does not promise what a government decides at short notice, nor that a date set by sight of the moon is met.
 */
import Holidays from 'date-holidays';

const DAY = 24 * 60 * 60_000;

/**
 * The local dates, such as `2026-12-25`, that are public holidays in `years`, in order, each once: those of the whole
 * `country` (ISO 3166-1, such as `DE`), and of one of its regions where one is named (ISO 3166-2 without the country, such
 * as `BY`). A day that is free only in part is none of them. Throws for an unknown country or region.
 *
 * @example publicHolidays('DE', [2026], 'BY')[1]; // 2026-01-06
 */
export function publicHolidays(country: string, years: readonly number[], region?: string): string[] {
  const holidays = holidaysOf(country, region);
  // What begins in the last days of a year may go on in the next.
  const begun = new Set(years.flatMap((year) => [year - 1, year]));
  const dates = [...begun]
    .flatMap((year) => holidays.getHolidays(year))
    .filter(({ type }) => type === 'public')
    .flatMap(({ date, start, end }) =>
      datesFrom(date.slice(0, 10), Math.floor((end.getTime() - start.getTime()) / DAY)),
    );
  return [...new Set(dates)].filter((date) => years.includes(Number(date.slice(0, 4)))).sort();
}

function holidaysOf(country: string, region: string | undefined): Holidays {
  const known = new Holidays();
  const countryCode = keyLike(country, known.getCountries());
  if (countryCode === undefined) {
    throw new Error(`The holidays of country "${country}" are not known; name one by its two letters, such as "DE".`);
  }
  // In UTC a day has 24 hours also when daylight saving begins; the local dates are the same.
  const options = { timezone: 'UTC' };
  if (region === undefined) return new Holidays(countryCode, options);
  // Not every country has regions; the package then answers nothing, whatever its types say.
  const regions: Record<string, string> | undefined = known.getStates(countryCode);
  const regionCode = keyLike(region, regions ?? {});
  if (regionCode !== undefined) return new Holidays(countryCode, regionCode, options);
  const choices = Object.keys(regions ?? {}).join(', ');
  const fix = choices === '' ? 'leave it out, for it has no regions here' : `name one of ${choices}`;
  throw new Error(`The holidays of region "${region}" of ${countryCode} are not known; ${fix}.`);
}

/** The key of `table` that is `name` in whatever case. */
function keyLike(name: string, table: Readonly<Record<string, string>>): string | undefined {
  return Object.keys(table).find((key) => key.toUpperCase() === name.toUpperCase());
}

/** `days` local dates, from `first` on. */
function datesFrom(first: string, days: number): string[] {
  const start = Date.parse(`${first}T00:00:00Z`);
  return Array.from({ length: days }, (_, index) => new Date(start + index * DAY).toISOString().slice(0, 10));
}
