/**
 * The life of a ticket: which status may follow which. The one declared table; the API's refusals and the docs quote it.
 */
export const STATUSES = ['new', 'triaging', 'open', 'pending', 'on_hold', 'escalated', 'resolved', 'closed'] as const;

export type Status = (typeof STATUSES)[number];

/** The steps that a person may ask for. `new` and `triaging` are the desk's own; nothing leaves `closed`. */
export const TRANSITIONS: Readonly<Record<Status, readonly Status[]>> = {
  new: [],
  triaging: ['open', 'pending', 'resolved', 'closed'],
  open: ['pending', 'resolved', 'closed'],
  pending: ['open', 'resolved', 'closed'],
  on_hold: [],
  escalated: [],
  resolved: ['open', 'closed'],
  closed: [],
};
