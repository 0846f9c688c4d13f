/**
 * The way to PostgreSQL: entities through the ORM for what is read and for settings, and the same pool for the few
 * hand-written statements whose shape matters (recording, the ledger, hand-over).
 *
 * On the pool the ORM's own parsers apply: a timestamp comes as text, so the statements ask for milliseconds instead.
 * Promises nothing about retries: a caller that must survive an outage retries by itself.
 */
import { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import { Agent } from './entities/agent.ts';
import { ApiKey } from './entities/api-key.ts';
import { Calendar } from './entities/calendar.ts';
import { Customer } from './entities/customer.ts';
import { Draft } from './entities/draft.ts';
import { InboxRow } from './entities/inbox-row.ts';
import { Message } from './entities/message.ts';
import { Organisation } from './entities/organisation.ts';
import { Rota } from './entities/rota.ts';
import { SlaPolicy } from './entities/sla-policy.ts';
import { SupportType } from './entities/support-type.ts';
import { Team } from './entities/team.ts';
import { Text } from './entities/text.ts';
import { Ticket } from './entities/ticket.ts';
import { TicketEvent } from './entities/ticket-event.ts';
import { User } from './entities/user.ts';

export interface Database {
  orm: MikroORM;
  pool: Pool;
  close(): Promise<void>;
}

const CONNECTIONS = 20;

/** How long to wait for what the database does not do in time, in milliseconds. */
export interface Patience {
  /** For a statement, before the database ends it, and for a free connection. */
  statementMs: number;
}

/** How much longer a database that says nothing at all is waited for than one that is only slow. */
const SILENCE_MS = 2_000;

/**
 * Opens at most 20 connections to the database at `url`, which wait as long as need be, or no longer than `patience`; throws
 * when it does not answer.
 */
export async function openDatabase(url: string, patience?: Patience): Promise<Database> {
  const orm = await MikroORM.init({
    clientUrl: url,
    entities: [
      Agent,
      ApiKey,
      Calendar,
      Customer,
      Draft,
      InboxRow,
      Message,
      Organisation,
      Rota,
      SlaPolicy,
      SupportType,
      Team,
      Text,
      Ticket,
      TicketEvent,
      User,
    ],
    pool: { min: 0, max: CONNECTIONS },
    ...(patience !== undefined && { driverOptions: bounds(patience) }),
    // Each reader takes a fork of its own; the global identity map stays shut.
    allowGlobalContext: false,
    // Warnings of the pool go to the process' log by `pg` itself; queries hold customer data and are not logged.
    debug: false,
  });
  const pool = await orm.em.getConnection().getNativeClient();
  await pool.query('select 1');
  return { orm, pool, close: () => orm.close(true) };
}

function bounds({ statementMs }: Patience) {
  return {
    statement_timeout: statementMs,
    query_timeout: statementMs + SILENCE_MS,
    connectionTimeoutMillis: statementMs,
  };
}
