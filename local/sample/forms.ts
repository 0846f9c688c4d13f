/** What the sample's customers fill into the form of a support type, as far as they know it. */
import { SUPPORT_TYPES } from '../../db/support-types.ts';
import type { FormField } from '../../domain/support-type.ts';
import type { Customer } from './customers.ts';
import type { Particulars } from './letter.ts';

type Value = string | number | boolean;

/** The fields of the form of `type` that can be told from the letter's particulars. */
export function formOf(
  type: string,
  particulars: Particulars,
  customer: Customer,
  index: number,
): Record<string, Value> {
  const form = SUPPORT_TYPES.find(({ id }) => id === type)?.form ?? [];
  const given = form.map((field): [string, Value | null] => [field.key, valueOf(field, particulars, customer, index)]);
  return Object.fromEntries(given.filter((entry): entry is [string, Value] => entry[1] !== null));
}

function valueOf(field: FormField, particulars: Particulars, customer: Customer, index: number): Value | null {
  const known: ReadonlyMap<string, Value> = new Map<string, Value>([
    ['orderNumber', particulars.order],
    ['invoiceNumber', particulars.invoice],
    ['amount', particulars.amount],
    ['trackingNumber', particulars.tracking],
    ['product', particulars.product],
    ['accountEmail', customer.email],
    ['seats', 10 + (index % 9) * 5],
    ['score', 6 + (index % 5)],
    ['code', 'WELCOME15'],
  ]);
  if (field.kind === 'choice') return field.options?.[index % field.options.length] ?? null;
  return known.get(field.key) ?? null;
}
