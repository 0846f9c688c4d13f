/**
 * The life of a ticket: which status may follow which. The one declared table; the API's refusals and the docs quote it.
 */
export const STATUSES = ['new', 'triaging', 'open', 'pending', 'on_hold', 'escalated', 'resolved', 'closed'] as const;

export type Status = (typeof STATUSES)[number];

/** The steps that a person may ask for. `new` and `triaging` are the desk's own; nothing leaves `closed`. */
export const TRANSITIONS: Readonly<Record<Status, readonly Status[]>> = {
  new: [],
  triaging: ['open', 'pending', 'on_hold', 'escalated', 'resolved', 'closed'],
  open: ['pending', 'on_hold', 'escalated', 'resolved', 'closed'],
  pending: ['open', 'on_hold', 'escalated', 'resolved', 'closed'],
  on_hold: ['open', 'pending', 'escalated', 'resolved', 'closed'],
  escalated: ['open', 'pending', 'on_hold', 'resolved', 'closed'],
  resolved: ['open', 'closed'],
  closed: [],
};

/** Whether the clocks stand still: the ticket waits on somebody else. */
export function isPausing(status: Status): boolean {
  return status === 'pending' || status === 'on_hold';
}

/** Whether the work on the ticket is done, so that it takes nobody's time. */
export function isDone(status: Status): boolean {
  return status === 'resolved' || status === 'closed';
}
