import { describe, expect, test } from 'vitest';
import { SUPPORT_TYPES, TEAMS } from '../../db/support-types.ts';
import { ASSIGNMENT_MODES } from '../../domain/assignment.ts';
import { checkForm, supportTypeFor } from '../../domain/support-type.ts';
import { CATEGORIES } from '../../domain/ticket.ts';

const teamIds = TEAMS.map(({ id }) => id);

/** Whether nothing in `list` is there twice. */
const distinct = (list: readonly string[]) => new Set(list).size === list.length;

test('a new desk has support types enough, each by a slug and a name of its own', () => {
  expect(SUPPORT_TYPES.length).toBeGreaterThanOrEqual(28);
  expect(distinct(SUPPORT_TYPES.map(({ id }) => id))).toBe(true);
  expect(distinct(SUPPORT_TYPES.map(({ name }) => name))).toBe(true);
  expect(teamIds).toEqual(['billing', 'fulfilment', 'technical', 'security', 'success']);
});

test('triage’s categories lead to the types that one expects', () => {
  const ledTo = CATEGORIES.map((category) => [category, supportTypeFor(category, SUPPORT_TYPES)?.id]);
  expect(Object.fromEntries(ledTo)).toEqual({
    billing: 'billing-question',
    refund: 'refund',
    shipping: 'shipping-delay',
    outage: 'outage',
    bug: 'bug',
    account_access: 'account-access',
    security: 'security-report',
    data_request: 'data-request',
    how_to: 'how-to',
    other: 'other',
  });
});

test('the AI keeps out of what is too delicate for it, and suggests in everything else', () => {
  const off = SUPPORT_TYPES.filter(({ autonomy }) => autonomy === 'off').map(({ id }) => id);
  expect(off.toSorted()).toEqual(['chargeback', 'complaint', 'data-request', 'security-report']);
  expect(SUPPORT_TYPES.some(({ autonomy }) => autonomy === 'auto_reply')).toBe(false);
});

test('every mode of assignment is that of some type, and every team has some', () => {
  expect(new Set(SUPPORT_TYPES.map(({ assignmentMode }) => assignmentMode))).toEqual(new Set(ASSIGNMENT_MODES));
  expect(new Set(SUPPORT_TYPES.map(({ teamId }) => teamId))).toEqual(new Set(teamIds));
});

describe.each(SUPPORT_TYPES.map((type) => [type.id, type] as const))('%s', (id, type) => {
  test('is named, worded and bounded as a setting must be', () => {
    expect(id).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(type.description).toMatch(/^[A-Z].*\.$/);
    expect(distinct(type.resolutionReasons)).toBe(true);
    expect(type.resolutionReasons.length).toBeGreaterThanOrEqual(2);
    expect(distinct(type.tags)).toBe(true);
    expect(type.autoCloseDays).toBeGreaterThanOrEqual(3);
    expect(type.autoCloseDays).toBeLessThanOrEqual(14);
  });

  test('asks for skills when it is handed out by them', () => {
    if (type.assignmentMode === 'skills') expect(type.skills).not.toEqual({});
    for (const level of Object.values(type.skills)) expect([1, 2, 3, 4, 5]).toContain(level);
  });

  test('has a form that can be filled in', () => {
    expect(distinct(type.form.map(({ key }) => key))).toBe(true);
    for (const field of type.form) {
      expect(field.key).toMatch(/^[a-z][a-zA-Z]*$/);
      expect(field.label).toMatch(/^[A-Z]/);
      expect((field.options?.length ?? 0) >= 2 && distinct(field.options ?? [])).toBe(field.kind === 'choice');
    }
    const examples = { text: 'text', number: 1, date: '2026-12-25', boolean: false };
    const values = type.form.map((field) => [
      field.key,
      field.kind === 'choice' ? field.options?.[0] : examples[field.kind],
    ]);
    expect(checkForm(type, Object.fromEntries(values), { complete: true })).toEqual([]);
  });
});
