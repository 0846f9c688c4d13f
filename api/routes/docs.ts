/** The API's own description, for programs and for people. */
import { z } from 'zod';
import { docsPage } from '../docs-page.ts';
import { nothing, route } from '../route.ts';

export const openApiRoute = route({
  method: 'get',
  path: '/api/v1/openapi.json',
  permission: 'public',
  summary: 'Read the OpenAPI document',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'OpenAPI 3.1.', schema: z.looseObject({}) },
  errors: [],
  handle: (_input, _caller, { document }) => Promise.resolve({ body: { ...document() } }),
});

export const docsRoute = route({
  method: 'get',
  path: '/api/v1/docs',
  permission: 'public',
  summary: 'Read the API’s operations as a page',
  params: nothing,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'A page without scripts.', schema: z.string(), type: 'text/html; charset=utf-8' },
  errors: [],
  handle: (_input, _caller, { document }) =>
    Promise.resolve({
      body: docsPage(document()),
      headers: { 'Content-Security-Policy': "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'" },
    }),
});
