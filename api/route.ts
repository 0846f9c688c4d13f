/**
 * A route: method, path, permission, what it takes, what it answers, and the handler. The same description checks the
 * request, types the handler and writes OpenAPI; a route without a permission does not compile.
 *
 * Answers are checked by the compiler only: nothing is validated on the way out.
 */
import { z } from 'zod';
import { DeskError, type ErrorCode, type FieldError } from '../domain/errors.ts';
import type { Permission } from '../domain/permissions.ts';
import type { CommandName } from './command.ts';
import { fieldErrors } from './field-errors.ts';
import { selectFields } from './fields.ts';
import type { Principal } from './principal.ts';
import type { Services } from './services.ts';

/** Who may call: anybody, anybody signed in, or whoever's role grants the permission. */
export type Access = Permission | 'public' | 'signedIn';

/** For a route that takes no parameters, no query or no body. */
export const nothing = z.strictObject({});

/** What OpenAPI tells of a route. */
export interface RouteDescription {
  method: 'get' | 'post' | 'patch' | 'delete';
  /** As OpenAPI writes it, such as `/api/v1/tickets/{id}`. */
  path: string;
  permission: Access;
  summary: string;
  params: z.ZodObject;
  query: z.ZodObject;
  body: z.ZodType;
  /** Whether the handler reads the body itself, as signed bytes. */
  rawBody?: boolean;
  answer: { status: number; description: string; schema: z.ZodType; type?: string };
  /** A status of 4xx or 5xx that comes with a body like the one of `answer`. */
  sameBodyWith?: number;
  /** The refusals beside those that follow from the description itself. */
  errors: readonly ErrorCode[];
  /** Whether the answer carries an `ETag`, which `If-Match` or `If-None-Match` may name. */
  etag?: boolean;
  /** Whether the answer holds a secret, so that it is not kept for an `Idempotency-Key`. */
  secret?: boolean;
}

/** Who asks, and how: what a handler knows beside its input. */
interface Caller {
  /** Throws `unauthenticated` on a public route that nobody signed in to. */
  readonly principal: Principal;
  readonly command: CommandName;
  readonly requestId: string;
  /** Where the caller reaches the desk, such as `https://desk.example.com`. */
  readonly origin: string;
  readonly ip: string;
  /** Throws `precondition_failed` unless the request's `If-Match` is absent or names `etag`. */
  requireMatch: (etag: string) => void;
}

interface Answer<Body> {
  body: Body;
  /** Where it is not the one that the route describes. */
  status?: number;
  headers?: Readonly<Record<string, string>>;
}

/** A route's work, its input checked. */
export type Run = (caller: Caller, services: Services) => Promise<Answer<unknown>>;

export interface Route extends RouteDescription {
  /** Checks the input; throws `invalid_request` naming every wrong field. */
  prepare(input: { params: unknown; query: unknown; body: unknown }): Run;
}

type Spec<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType> = Omit<
  RouteDescription,
  'params' | 'query' | 'body' | 'answer'
> & {
  params: P;
  query: Q;
  body: B;
  answer: { status: number; description: string; schema: A; type?: string };
  handle: (
    input: { params: z.output<P>; query: z.output<Q>; body: z.output<B> },
    caller: Caller,
    services: Services,
  ) => Promise<Answer<z.input<A>>>;
};

/**
 * Makes a route of its description and its handler.
 *
 * @example route({ method: 'get', path: '/api/v1/me', permission: 'signedIn', …, handle: async (input, { principal }) => … })
 */
export function route<P extends z.ZodObject, Q extends z.ZodObject, B extends z.ZodType, A extends z.ZodType>(
  spec: Spec<P, Q, B, A>,
): Route {
  const { handle, ...description } = spec;
  return {
    ...description,
    prepare(raw) {
      const wrong: FieldError[] = [];
      const params = spec.params.safeParse(raw.params);
      const query = spec.query.safeParse(raw.query);
      const body = spec.body.safeParse(raw.body);
      if (!params.success) wrong.push(...fieldErrors(params.error));
      if (!query.success) wrong.push(...fieldErrors(query.error));
      if (!body.success) wrong.push(...fieldErrors(body.error));
      if (!params.success || !query.success || !body.success) throw refusal(wrong);
      const input = { params: params.data, query: query.data, body: body.data };
      return async (caller, services) => {
        const answer = await handle(input, caller, services);
        return { ...answer, body: selectFields(answer.body, input.query) };
      };
    },
  };
}

/** Whether the route takes a JSON body. */
export function takesBody(description: RouteDescription): boolean {
  return description.body !== nothing;
}

/** Whether a POST may come without a body, because nothing in it is required. */
export function bodyIsOptional({ method, body, rawBody }: RouteDescription): boolean {
  return method === 'post' && rawBody !== true && body.safeParse({}).success;
}

/** The refusal of a request whose fields do not fit. */
export function refusal(errors: readonly FieldError[]): DeskError {
  const named = errors.map(({ path, message }) => (path === '' ? message : `"${path}" ${message}`));
  return new DeskError('invalid_request', `The request does not fit: ${named.join('; ')}.`, { errors });
}
