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
      if (!issue.message.startsWith('Invalid')) return issue.message;
      return issue.message.endsWith('received undefined')
        ? `is missing; give ${article(issue.expected)}`
        : `must be ${article(issue.expected)}`;
    case 'too_small':
      return sized(issue.origin, 'at least', Number(issue.minimum));
    case 'too_big':
      return sized(issue.origin, 'at most', Number(issue.maximum));
    case 'invalid_value':
      return issue.message.startsWith('Invalid')
        ? `must be one of ${issue.values.map(String).join(', ')}`
        : issue.message;
    case 'invalid_key':
      return issue.issues[0] === undefined ? issue.message : worded(issue.issues[0]);
    default:
      return issue.message;
  }
}

function sized(origin: string, bound: 'at least' | 'at most', size: number): string {
  const ending = size === 1 ? '' : 's';
  if (origin === 'string') return `must have ${bound} ${size} character${ending}`;
  return origin === 'array' ? `must hold ${bound} ${size} item${ending}` : `must be ${bound} ${size}`;
}

function article(expected: string): string {
  return /^[aeio]/.test(expected) ? `an ${expected}` : `a ${expected}`;
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.');
}
