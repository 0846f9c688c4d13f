/**
 * A support type: what a kind of request asks of the customer, how it may be resolved, and who gets it. A setting, kept as
 * plain JSON. Does not promise that its team, policy or skills exist; that is checked where it is written.
 */
import type { AssignmentMode } from './assignment.ts';
import type { FieldError } from './errors.ts';
import type { Category } from './ticket.ts';

export const FIELD_KINDS = ['text', 'number', 'date', 'choice', 'boolean'] as const;
type FieldKind = (typeof FIELD_KINDS)[number];

export interface FormField {
  /** In camelCase. */
  key: string;
  label: string;
  kind: FieldKind;
  required: boolean;
  /** What a `choice` may be. */
  options?: readonly string[];
}

/** What the AI may do by itself. `auto_reply` stays locked until a category's measured acceptance allows it. */
export const AUTONOMIES = ['off', 'suggest', 'auto_reply'] as const;
export type Autonomy = (typeof AUTONOMIES)[number];

export interface SupportType {
  /** A slug, such as `lost-parcel`. */
  id: string;
  name: string;
  description: string;
  category: Category;
  form: readonly FormField[];
  /** What an agent may choose from on resolving, worded for people. */
  resolutionReasons: readonly string[];
  reasonRequired: boolean;
  assignmentMode: AssignmentMode;
  /** A team's slug; null: any team. */
  teamId: string | null;
  /** Null: whichever policy fits the ticket. */
  policyId: string | null;
  autonomy: Autonomy;
  tags: readonly string[];
  /** Skill → the least level, 1 to 5. */
  skills: Readonly<Record<string, number>>;
  /** Days from resolved to closed. */
  autoCloseDays: number;
}

/** The most characters that a text of a form may have; what is longer is a message. */
const LONGEST_TEXT = 2000;

/**
 * What is wrong with `values` for the form of `type`, each by the field's key; empty when nothing is. A null counts as not
 * given. What is required may be absent while the form is not `complete`, as long as the ticket is being worked on.
 *
 * @example checkForm(refund, { amount: 'ten' }, { complete: false }); // [{ path: 'amount', message: 'must be a number' }]
 */
export function checkForm(
  type: SupportType,
  values: Readonly<Record<string, unknown>>,
  { complete }: { complete: boolean },
): FieldError[] {
  const given = new Map(Object.entries(values));
  const wrong = type.form.flatMap((field) => {
    const value = given.get(field.key) ?? null;
    const message = value === null ? missing(field, complete) : unfit(field, value);
    return message === null ? [] : [{ path: field.key, message }];
  });
  const known = new Set(type.form.map((field) => field.key));
  const unknown = [...given.keys()].filter((key) => !known.has(key));
  return [...wrong, ...unknown.map((path) => ({ path, message: 'is not known here; leave it out' }))];
}

/** The type that a triage's category leads to by default: the first of that category among `types`, or null. */
export function supportTypeFor(category: Category, types: readonly SupportType[]): SupportType | null {
  return types.find((type) => type.category === category) ?? null;
}

function missing(field: FormField, complete: boolean): string | null {
  return complete && field.required ? `is missing; give ${shapeOf(field)}` : null;
}

function unfit(field: FormField, value: unknown): string | null {
  if (field.kind === 'text' && typeof value === 'string') {
    // Length first, so that the trimming is of a bounded text.
    if (value.length > LONGEST_TEXT) return `must have at most ${LONGEST_TEXT} characters`;
    return field.required && value.trim() === '' ? 'must have at least 1 character' : null;
  }
  return isFit(field, value) ? null : `must be ${shapeOf(field)}`;
}

function isFit(field: FormField, value: unknown): boolean {
  switch (field.kind) {
    case 'text':
      return typeof value === 'string';
    case 'number':
      return Number.isFinite(value);
    case 'date':
      return typeof value === 'string' && isLocalDate(value);
    case 'choice':
      return typeof value === 'string' && (field.options ?? []).includes(value);
    case 'boolean':
      return typeof value === 'boolean';
  }
}

function shapeOf(field: FormField): string {
  switch (field.kind) {
    case 'text':
      return 'a string';
    case 'number':
      return 'a number';
    case 'date':
      return 'a date such as 2026-12-25';
    case 'choice':
      return `one of ${(field.options ?? []).join(', ')}`;
    case 'boolean':
      return 'a boolean';
  }
}

/** Whether `text` is a day of the calendar; a date like February 30 would be read as one in March. */
function isLocalDate(text: string): boolean {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(text)) return false;
  const instant = Date.parse(`${text}T00:00:00Z`);
  return Number.isFinite(instant) && new Date(instant).toISOString().startsWith(text);
}
