/** API keys: credentials for programs, of a user or of nobody, cut down to what each needs. */
import { z } from 'zod';
import { ApiKey } from '../../db/entities/api-key.ts';
import { tellRightsChanged } from '../../db/sessions.ts';
import { EVERYTHING } from '../../domain/scope.ts';
import { actingFor } from '../acting.ts';
import { addApiKey, alterApiKey, apiKeyToChange, findApiKey } from '../api-key-changes.ts';
import { changePeople } from '../change-people.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { nothing, route } from '../route.ts';
import { apiKeyChangeSchema, apiKeyEtag, apiKeyJson, apiKeySchema, newApiKeySchema } from '../shapes/api-key.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';

const params = z.strictObject({ id: z.string() });

export const listApiKeysRoute = route({
  method: 'get',
  path: '/api/v1/api-keys',
  permission: 'keys:manage',
  summary: 'List the API keys that are not revoked, oldest first',
  params: nothing,
  query: z.strictObject({
    userId: z.guid({ error: 'must be the id of a user' }).optional(),
    fields: fieldsOf(apiKeySchema),
    ...pageQuery,
  }),
  body: nothing,
  answer: { status: 200, description: 'A page of API keys.', schema: pageOf(apiKeySchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, _caller, { orm, cursors }) {
    const { userId } = query;
    const where = { revokedAt: null, ...(userId === undefined ? {} : { user: userId }) };
    const em = orm.em.fork();
    const { items, nextCursor } = await readPage(
      cursors,
      ['api-keys', { userId }],
      query,
      (after, limit) =>
        em.find(ApiKey, after === null ? where : { ...where, id: { $gt: after[0] ?? '' } }, {
          populate: ['user'],
          orderBy: { id: 'asc' },
          limit,
        }),
      ({ id }) => [id],
    );
    return { body: { items: items.map(apiKeyJson), nextCursor } };
  },
});

export const getApiKeyRoute = route({
  method: 'get',
  path: '/api/v1/api-keys/{id}',
  permission: 'keys:manage',
  summary: 'Read an API key, without the key itself',
  params,
  query: z.strictObject({ fields: fieldsOf(apiKeySchema) }),
  body: nothing,
  answer: { status: 200, description: 'The API key.', schema: apiKeySchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params }, _caller, { orm }) {
    const key = await findApiKey(orm.em.fork(), params.id);
    return { body: apiKeyJson(key), headers: { ETag: apiKeyEtag(key) } };
  },
});

export const createApiKeyRoute = route({
  method: 'post',
  path: '/api/v1/api-keys',
  permission: 'keys:manage',
  summary: 'Make an API key, which is shown this once',
  params: nothing,
  query: nothing,
  body: newApiKeySchema,
  answer: {
    status: 201,
    description:
      'The API key, with the key itself in `apiKey`; not kept for an Idempotency-Key, so a repeat makes another.',
    schema: apiKeySchema
      .extend({ apiKey: z.string().meta({ description: 'Kept as a hash only.' }) })
      .meta({ id: 'NewApiKey' }),
  },
  errors: [],
  secret: true,
  async handle({ body: { name, userId = null, permissions = null, scope = EVERYTHING } }, caller, services) {
    const { key, apiKey } = await changePeople(services, actingFor(caller), async (em) => {
      const { id, apiKey } = await addApiKey(em, caller.principal, { name, userId, permissions, scope });
      return { key: await findApiKey(em, id), apiKey };
    });
    const headers = { Location: `/api/v1/api-keys/${key.id}`, ETag: apiKeyEtag(key) };
    return { body: { ...apiKeyJson(key), apiKey }, headers };
  },
});

export const changeApiKeyRoute = route({
  method: 'patch',
  path: '/api/v1/api-keys/{id}',
  permission: 'keys:manage',
  summary: 'Rename an API key, or change what it is cut down to; what is not given stays',
  params,
  query: nothing,
  body: apiKeyChangeSchema,
  answer: { status: 200, description: 'The API key as it is now.', schema: apiKeySchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params, body }, caller, services) {
    const key = await changePeople(services, actingFor(caller), async (em) => {
      const key = await apiKeyToChange(em, caller.principal, params.id);
      caller.requireMatch(apiKeyEtag(key));
      if (await alterApiKey(em, caller.principal, key, body)) await tellRightsChanged(em, key.id);
      return key;
    });
    return { body: apiKeyJson(key), headers: { ETag: apiKeyEtag(key) } };
  },
});

export const revokeApiKeyRoute = route({
  method: 'delete',
  path: '/api/v1/api-keys/{id}',
  permission: 'keys:manage',
  summary: 'Revoke an API key for good',
  params,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'The API key that was revoked.', schema: apiKeySchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params }, caller, services) {
    const body = await changePeople(services, actingFor(caller), async (em) => {
      const key = await apiKeyToChange(em, caller.principal, params.id);
      caller.requireMatch(apiKeyEtag(key));
      key.revokedAt = new Date(services.now());
      await em.flush();
      await tellRightsChanged(em, key.id);
      return apiKeyJson(key);
    });
    return { body };
  },
});
