/** From zod's issues to the `errors` of a problem: one entry a field, worded so that the caller knows the fix. */
import type { z } from 'zod';
import type { FieldError } from '../domain/errors.ts';

/** The wrong fields of a request, each by its dotted path; an unknown field is named as such. */
export function fieldErrors(error: z.ZodError): FieldError[] {
  return error.issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: dotted([...issue.path, key]),
        message: 'is not known here; leave it out',
      }));
    }
    return [{ path: dotted(issue.path), message: worded(issue) }];
  });
}

function worded(issue: z.core.$ZodIssue): string {
  switch (issue.code) {
    case 'invalid_type':
      return issue.message.endsWith('received undefined')
        ? `is missing; give ${article(issue.expected)}`
        : `must be ${article(issue.expected)}`;
    case 'too_small':
      return issue.origin === 'string'
        ? `must have at least ${issue.minimum} character${issue.minimum === 1 ? '' : 's'}`
        : `must be at least ${issue.minimum}`;
    case 'too_big':
      return issue.origin === 'string'
        ? `must have at most ${issue.maximum} characters`
        : `must be at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.message.startsWith('Invalid')
        ? `must be one of ${issue.values.map(String).join(', ')}`
        : issue.message;
    default:
      return issue.message;
  }
}

function article(expected: string): string {
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
