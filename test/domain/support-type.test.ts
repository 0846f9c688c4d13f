import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { checkForm, supportTypeFor, type FormField, type SupportType } from '../../domain/support-type.ts';

function supportType(more: Partial<SupportType> = {}): SupportType {
  return {
    id: 'refund',
    name: 'Refund',
    description: 'Money back.',
    category: 'refund',
    form: [
      { key: 'orderNumber', label: 'Order number', kind: 'text', required: true },
      { key: 'amount', label: 'Amount', kind: 'number', required: true },
      { key: 'paidOn', label: 'Paid on', kind: 'date', required: false },
      { key: 'refundTo', label: 'Refund to', kind: 'choice', required: false, options: ['card', 'bank'] },
      { key: 'damaged', label: 'Damaged', kind: 'boolean', required: false },
    ],
    resolutionReasons: [],
    reasonRequired: false,
    assignmentMode: 'manual',
    teamId: null,
    policyId: null,
    autonomy: 'suggest',
    tags: [],
    skills: {},
    autoCloseDays: 7,
    ...more,
  };
}

const refund = supportType();
const filled = { orderNumber: '#1', amount: 12.5, paidOn: '2028-02-29', refundTo: 'bank', damaged: false };

describe('a form', () => {
  test('that is filled in has nothing wrong with it', () => {
    expect(checkForm(refund, filled, { complete: true })).toEqual([]);
  });

  test('names what is missing once it is to be complete, and not before', () => {
    expect(checkForm(refund, {}, { complete: false })).toEqual([]);
    expect(checkForm(refund, { amount: null }, { complete: true })).toEqual([
      { path: 'orderNumber', message: 'is missing; give a string' },
      { path: 'amount', message: 'is missing; give a number' },
    ]);
  });

  test.each([
    ['orderNumber', 7, 'must be a string'],
    ['orderNumber', '  ', 'must have at least 1 character'],
    ['orderNumber', 'x'.repeat(2001), 'must have at most 2000 characters'],
    ['amount', '12', 'must be a number'],
    ['amount', Infinity, 'must be a number'],
    ['paidOn', '2026-02-30', 'must be a date such as 2026-12-25'],
    ['paidOn', '2027-02-29', 'must be a date such as 2026-12-25'],
    ['paidOn', '2026-13-01', 'must be a date such as 2026-12-25'],
    ['paidOn', '2026-12-25T00:00:00Z', 'must be a date such as 2026-12-25'],
    ['paidOn', 20261225, 'must be a date such as 2026-12-25'],
    ['refundTo', 'cash', 'must be one of card, bank'],
    ['refundTo', ['card'], 'must be one of card, bank'],
    ['damaged', 'no', 'must be a boolean'],
    ['orderNumer', '#1', 'is not known here; leave it out'],
    ['constructor', 'x', 'is not known here; leave it out'],
  ])('refuses %s %j, complete or not: it %s', (path, value, message) => {
    for (const complete of [false, true]) {
      expect(checkForm(refund, { ...filled, [path]: value }, { complete })).toEqual([{ path, message }]);
    }
  });

  test('names every wrong field once, in the order of the form, unknown ones last', () => {
    const errors = checkForm(refund, { extra: 1, damaged: 1, amount: 'x' }, { complete: true });
    expect(errors.map(({ path }) => path)).toEqual(['orderNumber', 'amount', 'damaged', 'extra']);
  });

  test('with a field named like something that every object has still misses it', () => {
    const field: FormField = { key: 'constructor', label: 'Constructor', kind: 'text', required: true };
    expect(checkForm(supportType({ form: [field] }), {}, { complete: true })).toHaveLength(1);
  });

  test('takes every day of the calendar', () => {
    const days = fc.date({ min: new Date('1900-01-01'), max: new Date('2199-12-31'), noInvalidDate: true });
    fc.assert(
      fc.property(days, (day) => {
        expect(checkForm(refund, { paidOn: day.toISOString().slice(0, 10) }, { complete: false })).toEqual([]);
      }),
    );
  });

  test('survives whatever is sent as values', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.anything()), fc.anything(), (values, amount) => {
        const errors = checkForm(refund, { ...values, amount }, { complete: false });
        expect(errors.some(({ path }) => path === 'amount')).toBe(
          amount !== null && amount !== undefined && !(typeof amount === 'number' && Number.isFinite(amount)),
        );
      }),
    );
  });
});

describe('a category', () => {
  test('leads to the first type of its own, or to none', () => {
    const types = [supportType(), supportType({ id: 'bug', category: 'bug' }), supportType({ id: 'second' })];
    expect(supportTypeFor('refund', types)?.id).toBe('refund');
    expect(supportTypeFor('bug', types)?.id).toBe('bug');
    expect(supportTypeFor('outage', types)).toBeNull();
  });
});
