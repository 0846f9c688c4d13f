import { describe, expect, test } from 'vitest';
import {
  choosePolicy,
  sameFacts,
  type FilteredPolicy,
  type PolicyFacts,
  type PolicyFilter,
  type SlaPolicy,
} from '../../domain/sla-policy.ts';

const STANDARD: SlaPolicy = {
  id: 'standard',
  name: 'Standard',
  version: 1,
  calendar: null,
  targets: { firstResponse: null, nextResponse: null, resolution: null },
  warnAt: [],
  ladder: [],
};

describe('the policy of a ticket', () => {
  const facts: PolicyFacts = {
    tier: 'gold',
    severity: 'sev2',
    priority: 'high',
    supportType: null,
    channel: 'front',
    tags: ['vip', 'beta'],
  };
  const listed = (id: string, filter: PolicyFilter): FilteredPolicy => ({ ...STANDARD, id, filter });
  const chosen = (...policies: FilteredPolicy[]) => choosePolicy(policies, facts)?.id ?? null;

  test('is the first that fits, in the order of the list', () => {
    expect(chosen(listed('silver', { tier: ['silver'] }), listed('gold', { tier: ['gold'] }), listed('all', {}))).toBe(
      'gold',
    );
    expect(chosen(listed('all', {}), listed('gold', { tier: ['gold'] }))).toBe('all');
  });

  test('fits in all that its filter names, and by any one of the tags', () => {
    expect(chosen(listed('both', { severity: ['sev1', 'sev2'], channel: ['front'], priority: ['high'] }))).toBe('both');
    expect(chosen(listed('one', { severity: ['sev2'], channel: ['api'] }))).toBeNull();
    expect(chosen(listed('tag', { tag: ['churn', 'beta'] }))).toBe('tag');
    expect(chosen(listed('tag', { tag: ['churn'] }))).toBeNull();
  });

  test('is not one that asks for what the ticket does not have', () => {
    expect(chosen(listed('typed', { supportType: ['billing'] }))).toBeNull();
    expect(chosen()).toBeNull();
  });

  test('need not be chosen again while the facts are the same, in whatever order the tags come', () => {
    expect(sameFacts(facts, { ...facts, tags: ['beta', 'vip'] })).toBe(true);
    expect(sameFacts(facts, { ...facts, tags: ['beta'] })).toBe(false);
    expect(sameFacts({ ...facts, tags: ['beta', 'beta'] }, facts)).toBe(false);
    for (const other of [{ tier: null }, { severity: null }, { priority: 'low' }, { supportType: 'x' }] as const) {
      expect(sameFacts(facts, { ...facts, ...other })).toBe(false);
    }
    expect(sameFacts(facts, { ...facts, channel: 'api' })).toBe(false);
  });
});
