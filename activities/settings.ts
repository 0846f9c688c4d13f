/**
 * Which settings hold for a ticket, looked up for what its row is now. Reads only, so it is safe to run twice.
 */
import type { Pool } from 'pg';
import { policyFor, type SettingsReader, typeFactsFor } from '../db/settings.ts';
import type { PolicyFacts, SlaPolicy } from '../domain/sla-policy.ts';
import { policyFactsOf, type Ticket, type TypeFacts } from '../domain/ticket.ts';

export interface SettingsActivities {
  lookUp(asked: {
    ticketId: string;
  }): Promise<{ policy: SlaPolicy; facts: PolicyFacts; supportType: TypeFacts | null }>;
}

/** The activities over the database behind `pool`. */
export function createSettingsActivities(deps: { pool: Pool; settings: SettingsReader }): SettingsActivities {
  return {
    async lookUp({ ticketId }) {
      const { rows } = await deps.pool.query<{ state: Ticket }>({
        name: 'settings-ticket',
        text: 'select state from tickets where id = $1',
        values: [ticketId],
      });
      const state = rows[0]?.state;
      if (state === undefined) throw new Error(`Ticket ${ticketId} has no row; was the database replaced?`);
      const settings = await deps.settings.read();
      const facts = policyFactsOf(state);
      return { policy: policyFor(settings, facts), facts, supportType: typeFactsFor(settings, facts.supportType) };
    },
  };
}
