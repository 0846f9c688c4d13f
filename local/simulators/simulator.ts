/**
 * What all vendor simulators share: an HTTP server on the loopback address, the log of calls, the faults, the `/_sim`
 * controls. A vendor brings its routes, its error shape and its webhooks.
 *
 * Does not promise anything about the vendor: that is each vendor's file. Holds everything in memory and forgets it on close.
 */
import { createHash } from 'node:crypto';
import { createServer, type Server } from 'node:http';
import { buffer, text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { Router } from '@koa/router';
import Koa from 'koa';
import type { z } from 'zod';
import { CallLog } from './calls.ts';
import type { SentWebhook } from './delivery.ts';
import { type Fault, Faults, faultSchema } from './faults.ts';

type SimulatorState = { body: unknown };
export type SimulatorRouter = Router<SimulatorState>;
export type SimulatorContext = Koa.ParameterizedContext<SimulatorState>;

/** How a vendor answers a call that went wrong, in its own words. */
export type VendorError = { readonly status: number; readonly body: unknown };

/** One vendor: its routes, its state, how it words an error, and how it sends a webhook. */
export type Vendor = {
  readonly name: string;
  /** Adds the routes of the vendor's API. */
  routes(router: SimulatorRouter): void;
  /** Words an error as the vendor does; `code` is the vendor's own, where the test named one. */
  error(status: number | undefined, code: string | undefined): VendorError;
  /** Undoes what only a form can do to a value, such as JSON inside a field. */
  readForm?(fields: Record<string, string>): unknown;
  /** Sends a webhook as `input` describes, or throws a BadControl. */
  sendEvent(input: unknown): Promise<SentWebhook>;
  state(): unknown;
  /** Adds controls of its own under `/_sim`. */
  controls?(router: SimulatorRouter): void;
};

/** A request to `/_sim` that cannot be done; `message` is a whole sentence. */
export class BadControl extends Error {
  readonly status: number;
  constructor(message: string, status = 400) {
    super(message);
    this.status = status;
  }
}

/** Parses what was sent to `/_sim`, or throws a BadControl that names each wrong field. */
export function readControl<S extends z.ZodType>(schema: S, input: unknown): z.infer<S> {
  const parsed = schema.safeParse(input);
  if (parsed.success) return parsed.data;
  const faults = parsed.error.issues.map(({ path, message }) =>
    path.length > 0 ? `${path.join('.')}: ${message}` : message,
  );
  throw new BadControl(`The simulator cannot do that: ${faults.join('; ')}.`);
}

/** Throws an Error that names the first empty setting, because an empty secret would mean "no check". */
export function refuseEmpty(vendor: string, settings: Record<string, string>): void {
  for (const [name, value] of Object.entries(settings)) {
    if (value === '') throw new Error(`The ${vendor} simulator needs a ${name} that is not empty.`);
  }
}

export type RunningSimulator = { readonly url: string; close(): Promise<void> };

/** Starts a vendor on 127.0.0.1 at `port`, any free one when it is 0; throws a whole sentence when the port is taken. */
export async function startSimulator(vendor: Vendor, port = 0): Promise<RunningSimulator> {
  const calls = new CallLog();
  const faults = new Faults();
  const closing = new AbortController();
  const app = new Koa<SimulatorState>();
  app.silent = true;
  app.use(async (ctx, next) => {
    ctx.state.body = await readBody(ctx, vendor);
    await next();
  });
  app.use(controlRoutes(vendor, calls, faults).routes());
  app.use(async (ctx, next) => {
    const call = calls.arrived(ctx.method, ctx.url, ctx.headers, ctx.state.body);
    await sufferOr(next, ctx, faults.take(ctx.path), vendor, closing.signal);
    call.status = ctx.respond === false ? 0 : ctx.status;
  });
  const router: SimulatorRouter = new Router<SimulatorState>();
  vendor.routes(router);
  app.use(router.routes());
  app.use((ctx) => answerError(ctx, vendor.error(404, undefined)));
  const answer = app.callback();
  const server = createServer((request, response) => void answer(request, response));
  const url = await listen(server, vendor.name, port);
  return { url, close: () => close(server, closing) };
}

/** Waits, and no longer than the simulator lasts. */
async function patience(ms: number, closing: AbortSignal): Promise<void> {
  try {
    await sleep(ms, undefined, { signal: closing });
  } catch (error) {
    if (!closing.aborted) throw error;
  }
}

async function sufferOr(
  next: Koa.Next,
  ctx: SimulatorContext,
  fault: Fault | undefined,
  vendor: Vendor,
  closing: AbortSignal,
) {
  if (fault?.delayMs !== undefined) await patience(fault.delayMs, closing);
  if (fault?.drop) {
    ctx.respond = false;
    ctx.req.socket.destroy();
    return;
  }
  if (fault?.status === undefined && fault?.error === undefined) return next();
  if (fault.retryAfter !== undefined || fault.status === 429) ctx.set('Retry-After', String(fault.retryAfter ?? 1));
  answerError(ctx, vendor.error(fault.status, fault.error));
}

function answerError(ctx: SimulatorContext, error: VendorError): void {
  ctx.status = error.status;
  ctx.body = error.body;
}

function controlRoutes(vendor: Vendor, calls: CallLog, faults: Faults): SimulatorRouter {
  const router: SimulatorRouter = new Router<SimulatorState>();
  router.use('/_sim', async (ctx, next) => {
    try {
      await next();
    } catch (error) {
      if (!(error instanceof BadControl)) throw error;
      answerError(ctx, { status: error.status, body: { error: error.message } });
    }
  });
  router.get('/_sim/calls', (ctx) => (ctx.body = { calls: calls.list() }));
  router.delete('/_sim/calls', (ctx) => {
    calls.clear();
    ctx.status = 204;
  });
  router.put('/_sim/faults', (ctx) => {
    faults.put(readControl(faultSchema, ctx.state.body));
    ctx.body = { faults: faults.list() };
  });
  router.delete('/_sim/faults', (ctx) => {
    faults.clear();
    ctx.status = 204;
  });
  router.post('/_sim/events', async (ctx) => (ctx.body = await vendor.sendEvent(ctx.state.body)));
  router.get('/_sim/state', (ctx) => (ctx.body = vendor.state()));
  vendor.controls?.(router);
  router.all('/_sim/*path', (ctx) => {
    throw new BadControl(`The ${vendor.name} simulator has no control ${ctx.method} ${ctx.path}.`, 404);
  });
  return router;
}

// A body that cannot be parsed stays the text it is; whoever needs an object then refuses it in his own words.
async function readBody(ctx: SimulatorContext, vendor: Vendor): Promise<unknown> {
  if (ctx.is('multipart/form-data')) return readFiles(ctx);
  const raw = await text(ctx.req);
  if (raw === '') return undefined;
  if (ctx.is('application/x-www-form-urlencoded')) {
    const fields = Object.fromEntries(new URLSearchParams(raw));
    return vendor.readForm === undefined ? fields : vendor.readForm(fields);
  }
  try {
    return JSON.parse(raw);
  } catch {
    return raw;
  }
}

/** The fields of a form with files; of a file its name, type and size, as a list under the field's name. */
async function readFiles(ctx: SimulatorContext): Promise<Record<string, unknown>> {
  const headers = { 'Content-Type': ctx.get('Content-Type') };
  const form = await new Response(await buffer(ctx.req), { headers }).formData();
  const fields: Record<string, unknown> = {};
  for (const name of new Set(form.keys())) {
    const values = await Promise.all(form.getAll(name).map(shown));
    fields[name] = values.length > 1 || name.endsWith('[]') ? values : values[0];
  }
  return fields;
}

async function shown(value: string | File): Promise<unknown> {
  if (typeof value === 'string') return value;
  const sha256 = createHash('sha256')
    .update(await value.bytes())
    .digest('hex');
  return { filename: value.name, content_type: value.type, size: value.size, sha256 };
}

async function listen(server: Server, name: string, port: number): Promise<string> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  server.once('error', (error) => {
    reject(new Error(`The ${name} simulator cannot listen on port ${port}: ${error.message}.`, { cause: error }));
  });
  server.listen(port, '127.0.0.1', resolve);
  await promise;
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error(`The ${name} simulator has no port.`);
  return `http://127.0.0.1:${address.port}`;
}

async function close(server: Server, closing: AbortController): Promise<void> {
  const { promise, resolve } = Promise.withResolvers<void>();
  closing.abort();
  server.close(() => resolve());
  server.closeAllConnections();
  await promise;
}
