/** What the routes work with; made once by `api/app.ts`, so that tests may make it of their own parts. */
import type { MikroORM } from '@mikro-orm/postgresql';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import type { Ledger } from '../db/ledger.ts';
import type { SettingsReader } from '../db/settings.ts';
import type { Files } from '../integrations/files.ts';
import type { Advisor } from '../integrations/advisor.ts';
import type { ShadowClient } from '../workflows/shadow-client.ts';
import type { TicketClient } from '../workflows/ticket-client.ts';
import type { Credentials } from './authenticate.ts';
import type { Cursors } from './cursor.ts';
import type { LoginGuard } from './login-guard.ts';
import type { ApiMetrics } from './metrics.ts';
import type { Tokens } from './tokens.ts';

/** Where Temporal's UI shows a workflow. */
export interface WorkflowLinks {
  namespace: string;
  uiUrl: string;
}

/** What the API asks Temporal beside commands. */
export interface TemporalView {
  /** The present run of a workflow; null when it is unknown or Temporal does not answer. */
  runIdOf(workflowId: string): Promise<string | null>;
  reachable(): Promise<boolean>;
}

export interface Services {
  orm: MikroORM;
  pool: Pool;
  metrics: ApiMetrics;
  ledger: Ledger;
  settings: SettingsReader;
  tickets: TicketClient;
  shadows: ShadowClient;
  temporal: TemporalView;
  links: WorkflowLinks;
  cursors: Cursors;
  files: Files;
  /** Where callers reach the desk; null: where they say that they do. */
  publicUrl: string | null;
  tokens: Tokens;
  credentials: Credentials;
  loginGuard: LoginGuard;
  /** Who advises about customers and tickets; undefined where no second engine is connected. */
  second: Advisor | undefined;
  /** How long a reply can be taken back, in milliseconds. */
  undoSendMs: number;
  logger: Logger;
  /** Milliseconds since 1970. */
  now: () => number;
  /** The OpenAPI document, made when it is first asked for. */
  document: () => object;
}
