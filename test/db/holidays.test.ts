import { expect, test } from 'vitest';
import { publicHolidays } from '../../db/holidays.ts';

test('a country’s holidays are those of the whole country', () => {
  expect(publicHolidays('DE', [2026])).toEqual([
    '2026-01-01',
    '2026-04-03',
    '2026-04-06',
    '2026-05-01',
    '2026-05-14',
    '2026-05-25',
    '2026-10-03',
    '2026-12-25',
    '2026-12-26',
  ]);
});

test('a region adds its own, in whatever case it is named', () => {
  const bavaria = publicHolidays('DE', [2026], 'BY');
  expect(bavaria).toEqual(expect.arrayContaining(publicHolidays('DE', [2026])));
  expect(bavaria).toContain('2026-01-06');
  expect(publicHolidays('de', [2026], 'by')).toEqual(bavaria);
});

test('a holiday of several days closes each of them, also in the next year', () => {
  const saudi = publicHolidays('SA', [2026]).filter((date) => date.startsWith('2026-03'));
  expect(saudi).toEqual(['2026-03-19', '2026-03-20', '2026-03-21', '2026-03-22']);
  expect(publicHolidays('SZ', [2027])).toEqual(expect.arrayContaining(['2027-01-01', '2027-01-02']));
  expect(publicHolidays('SZ', [2026]).every((date) => date.startsWith('2026-'))).toBe(true);
});

test('the eve that is free from noon on closes no day', () => {
  expect(publicHolidays('IS', [2026]).filter((date) => date.startsWith('2026-12'))).toEqual([
    '2026-12-25',
    '2026-12-26',
  ]);
});

test('a holiday on the short day on which daylight saving begins is one', () => {
  expect(publicHolidays('DE', [2024], 'BB')).toContain('2024-03-31');
});

test('a holiday kept on another day closes that day too', () => {
  expect(publicHolidays('GB', [2026])).toContain('2026-12-28');
});

test('what is kept without a day off closes nothing', () => {
  expect(publicHolidays('DE', [2026])).not.toContain('2026-02-14');
});

test('dates come once and in order, whichever way the years are listed', () => {
  const dates = publicHolidays('SZ', [2027, 2026, 2027]);
  expect(dates).toEqual([...new Set(dates)].sort());
  expect(dates).toEqual([...publicHolidays('SZ', [2026]), ...publicHolidays('SZ', [2027])]);
  expect(publicHolidays('SZ', [])).toEqual([]);
});

test('the dates are those of the country, in whichever zone the machine stands', () => {
  expect(publicHolidays('NZ', [2026])[0]).toBe('2026-01-01');
  expect(publicHolidays('US', [2026])[0]).toBe('2026-01-01');
});

test('an unknown country or region is refused in a sentence that helps on', () => {
  expect(() => publicHolidays('Atlantis', [2026])).toThrow(
    'The holidays of country "Atlantis" are not known; name one by its two letters, such as "DE".',
  );
  expect(() => publicHolidays('constructor', [2026])).toThrow('not known');
  expect(() => publicHolidays('DE', [2026], 'XX')).toThrow(
    /^The holidays of region "XX" of DE are not known; name one of BB, BE, .*TH\.$/,
  );
  expect(() => publicHolidays('XK', [2026], 'XX')).toThrow(
    'The holidays of region "XX" of XK are not known; leave it out, for it has no regions here.',
  );
});
