/** The deadlines of a ticket, and why they are what they are. */
import { explain, type Metric } from '../../domain/sla-explanation.ts';
import type { SlaPolicy, Target } from '../../domain/sla-policy.ts';
import { logOf, policiesOf, slaEvents } from '../reads/sla-log.ts';
import { findTicket } from '../reads/tickets.ts';
import { nothing, type Route, route } from '../route.ts';
import { type ExplainedClock, segmentsJson, ticketSlaSchema } from '../shapes/sla.ts';
import { clockJson } from '../shapes/ticket.ts';
import { ticketParams } from '../shapes/ticket-params.ts';

function explaining(path: string): Route {
  return route({
    method: 'get',
    path,
    permission: 'tickets:inspect',
    summary: 'Explain the deadlines of a ticket: what counted and what did not, and under which policy',
    params: ticketParams,
    query: nothing,
    body: nothing,
    answer: { status: 200, description: 'Each target, or null where none is set.', schema: ticketSlaSchema },
    errors: ['not_found'],
    async handle({ params }, { principal }, { pool, now }) {
      const { id, state } = await findTicket(pool, principal, params.id);
      const events = await slaEvents(pool, id);
      const policies = await policiesOf(pool, events);
      const at = now();
      const shown = (target: Target): ExplainedClock | null => {
        const clock = clockJson(state.clocks[target], state.policy, at);
        return clock && { ...clock, ...storyOf(logOf(events, target), policies, at) };
      };
      const [firstResponse, nextResponse] = [shown('firstResponse'), shown('nextResponse')];
      return { body: { firstResponse, nextResponse, resolution: shown('resolution') } };
    },
  });
}

export const ticketSlaRoute = explaining('/api/v1/tickets/{id}/sla');
export const slaOfTicketRoute = explaining('/api/v1/sla/tickets/{id}');

function storyOf(
  log: readonly Metric[],
  policies: readonly SlaPolicy[],
  at: number,
): Pick<ExplainedClock, 'policy' | 'segments'> {
  const policyOf = (policyId: string, version: number) =>
    policies.find((policy) => policy.id === policyId && policy.version === version);
  const last = log.at(-1);
  const inForce = last && policyOf(last.policyId, last.policyVersion);
  const policy = inForce === undefined ? null : { id: inForce.id, name: inForce.name, version: inForce.version };
  return { policy, segments: segmentsJson(explain(log, policyOf, at)) };
}
