/** What one request carries from middleware to middleware. */
import type Koa from 'koa';
import type { Admitted } from './load.ts';
import type { Principal } from './principal.ts';
import type { Run } from './route.ts';

export interface RequestState {
  requestId: string;
  /** The route that took the request, such as `/api/v1/tickets/{id}`. */
  route?: string;
  principal?: Principal | null;
  /** Counts what the request holds; none for health. */
  admitted?: Admitted;
  rawBody?: Buffer;
  json?: unknown;
  /** The route's work with its input already checked. */
  run?: Run;
  /** The caller's own name for this request; null without one. */
  idempotencyKey?: string | null;
}

export type Context = Koa.ParameterizedContext<RequestState>;
export type Middleware = Koa.Middleware<RequestState>;
