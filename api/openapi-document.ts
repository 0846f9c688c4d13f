/** The OpenAPI 3.1 document, written from the routes' own descriptions: what is checked is what is documented. */
import { OpenAPIRegistry, OpenApiGeneratorV31, type RouteConfig } from '@asteasolutions/zod-to-openapi';
import { z } from 'zod';
import { type ErrorCode, ERRORS } from '../domain/errors.ts';
import { isHealth } from './middleware/back-pressure.ts';
import { bodyIsOptional, nothing, type RouteDescription, takesBody } from './route.ts';

const problemSchema = z
  .looseObject({
    type: z.url(),
    title: z.string(),
    status: z.int(),
    detail: z.string(),
    code: z.string(),
    instance: z.string(),
    errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  })
  .meta({ id: 'Problem' });

const header = {
  key: z.string().max(255).optional().meta({ description: 'The same key and body get the same answer.' }),
  match: z.string().optional().meta({ description: 'Refuses with 412 unless the resource is at this ETag.' }),
  noneMatch: z.string().optional().meta({ description: 'Answers 304 when the resource is at this ETag.' }),
};

/** The document for `descriptions`. */
export function openApiDocument(descriptions: readonly RouteDescription[]) {
  const registry = new OpenAPIRegistry();
  registry.registerComponent('securitySchemes', 'bearer', {
    type: 'http',
    scheme: 'bearer',
    description: 'An access token of POST /api/v1/auth/login, or an API key (hf_…).',
  });
  for (const description of descriptions) registry.registerPath(operation(description));
  return new OpenApiGeneratorV31(registry.definitions, { sortComponents: 'alphabetically' }).generateDocument({
    openapi: '3.1.0',
    info: {
      title: 'Holdfast',
      version: '1',
      description: 'A self-hosted support desk in which every ticket is a durable workflow.',
    },
  });
}

function operation(description: RouteDescription): RouteConfig {
  const { method, path, permission, summary, params, query, body, answer, etag } = description;
  const headers = headersOf(description);
  return {
    method,
    path,
    operationId: operationIdOf(description),
    summary,
    'x-permission': permission,
    security: permission === 'public' ? [] : [{ bearer: [] }],
    request: {
      ...(params === nothing ? {} : { params }),
      ...(query === nothing ? {} : { query }),
      ...(headers === null ? {} : { headers }),
      ...(takesBody(description)
        ? { body: { required: !bodyIsOptional(description), content: { 'application/json': { schema: body } } } }
        : {}),
    },
    responses: {
      [answer.status]: {
        description: answer.description,
        content: { [answer.type ?? 'application/json']: { schema: answer.schema } },
      },
      ...(method === 'get' && etag === true
        ? { 304: { description: 'Nothing has changed: `If-None-Match` names the present ETag.' } }
        : {}),
      ...problems(errorsOf(description), description),
    },
  };
}

function headersOf({ method, permission, etag, secret }: RouteDescription): z.ZodObject | null {
  const keyed = (method === 'post' || method === 'patch') && secret !== true;
  const shape = {
    ...(keyed && permission !== 'public' ? { 'Idempotency-Key': header.key } : {}),
    ...(etag === true && method !== 'get' ? { 'If-Match': header.match } : {}),
    ...(etag === true && method === 'get' ? { 'If-None-Match': header.noneMatch } : {}),
  };
  return Object.keys(shape).length === 0 ? null : z.object(shape);
}

/** The refusals that follow from a description, and those that it names. */
function errorsOf(description: RouteDescription): ErrorCode[] {
  const { method, permission, errors, etag, query, secret } = description;
  const keyed = (method === 'post' || method === 'patch') && secret !== true;
  const json = takesBody(description) && description.rawBody !== true;
  const signed = permission !== 'public';
  const all: (ErrorCode | false)[] = [
    signed && 'unauthenticated',
    signed && permission !== 'signedIn' && 'forbidden',
    json && 'invalid_json',
    json && 'body_too_large',
    json && 'unsupported_media_type',
    (json || query !== nothing) && 'invalid_request',
    keyed && signed && 'idempotency_mismatch',
    keyed && signed && 'request_in_progress',
    method !== 'get' && etag === true && 'precondition_failed',
    !isHealth(description.path) && 'overloaded',
    !isHealth(description.path) && description.rawBody !== true && 'rate_limited',
    'invalid_http',
    'request_timeout',
    'uri_too_long',
    'headers_too_large',
    ...errors,
    'internal',
    'database_unavailable',
  ];
  return [...new Set(all.filter((code) => code !== false))];
}

function problems(codes: readonly ErrorCode[], { answer, sameBodyWith }: RouteDescription) {
  const byStatus = Map.groupBy(codes, (code) => ERRORS[code].status);
  return Object.fromEntries(
    [...byStatus].map(([status, same]) => [
      status,
      {
        description: same.map((code) => `\`${code}\`: ${ERRORS[code].title}.`).join(' '),
        content: {
          'application/problem+json': { schema: problemSchema },
          ...(status === sameBodyWith ? { 'application/json': { schema: answer.schema } } : {}),
        },
      },
    ]),
  );
}

/** Such as `getTicketsIdMessages`; stable, so that generated clients keep their names. */
function operationIdOf({ method, path }: RouteDescription): string {
  const words = path
    .replace('/api/v1', '')
    .split(/[^A-Za-z0-9]+/)
    .filter((word) => word !== '');
  return method + words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join('');
}
