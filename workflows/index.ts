/** What the bundle holds: every workflow, by the name under which it is started. */
export { ticket } from './ticket.ts';
export { shadowTicket } from './shadow.ts';
export { dispatch } from './dispatch.ts';
