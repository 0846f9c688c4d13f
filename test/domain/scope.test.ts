import fc from 'fast-check';
import { expect, test } from 'vitest';
import { EVERYTHING, intersectionOf, isWithin, type Scope } from '../../domain/scope.ts';

const part = fc.option(fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { maxLength: 3 }));
const scopes = fc.record({ supportTypes: part, teams: part, organisations: part });
const parts = ['supportTypes', 'teams', 'organisations'] as const;

/** Whether a ticket with these facts fits the scope, by its definition. */
function fits(scope: Scope, facts: Record<(typeof parts)[number], string>): boolean {
  return parts.every((name) => scope[name]?.includes(facts[name]) ?? true);
}

const fact = fc.constantFrom('a', 'b', 'c', 'd');
const facts = fc.record({ supportTypes: fact, teams: fact, organisations: fact });

test('an intersection fits what both scopes fit, and nothing else', () => {
  fc.assert(
    fc.property(scopes, scopes, facts, (one, other, ticket) => {
      expect(fits(intersectionOf(one, other), ticket)).toBe(fits(one, ticket) && fits(other, ticket));
    }),
  );
});

test('an intersection is within both scopes, and what is within another fits no more than it', () => {
  fc.assert(
    fc.property(scopes, scopes, facts, (one, other, ticket) => {
      const both = intersectionOf(one, other);
      expect([isWithin(both, one), isWithin(both, other), isWithin(one, EVERYTHING)]).toEqual([true, true, true]);
      if (isWithin(one, other) && fits(one, ticket)) expect(fits(other, ticket)).toBe(true);
    }),
  );
});
