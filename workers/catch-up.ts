/**
 * Finds tickets that owe something for a while and tells each, once a version, how far its row is recorded. Nearly all know
 * it: a vendor is slow. One does not when its worker and Temporal died together after a person's command had been recorded;
 * without this it would do what it owes only at its next command.
 *
 * Any number of these may run: a ticket told twice hears nothing new.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { TicketClient } from '../workflows/ticket-client.ts';
import { createSweep, type Sweep } from './sweep.ts';

/** After this long without a change a ticket that owes something is told. */
const PATIENCE_SECONDS = 10;
const EVERY_MS = 5_000;
const AT_ONCE = 100;

/** Looks after the tickets in the database behind `pool`. */
export function createCatchUp(deps: CatchUpDeps): Sweep {
  const { pool, logger } = deps;
  const work = () => tellAll(deps);
  return createSweep({ pool, logger, channel: null, everyMs: EVERY_MS, name: 'catching tickets up', work });
}

interface CatchUpDeps {
  pool: Pool;
  logger: Logger;
  tickets: TicketClient;
}

const OWING = `
  select t.id, t.version from tickets t left join catch_ups c on c.ticket_id = t.id
  where t.owes and t.updated_at < now() - ${PATIENCE_SECONDS} * interval '1 second'
    and (c.version is null or c.version < t.version)
  order by t.updated_at limit ${AT_ONCE}
`;

async function tellAll({ pool, logger, tickets }: CatchUpDeps): Promise<void> {
  const { rows } = await pool.query<{ id: string; version: number }>({ name: 'owing-tickets', text: OWING });
  for (const { id, version } of rows) {
    await tickets.catchUp(id, version);
    await pool.query({
      name: 'catch-up-told',
      text: `insert into catch_ups (ticket_id, version) values ($1, $2)
             on conflict (ticket_id) do update set version = excluded.version`,
      values: [id, version],
    });
    logger.info({ ticketId: id, version }, 'told a ticket how far it is recorded');
  }
}
