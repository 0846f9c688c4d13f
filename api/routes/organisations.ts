/**
 * Organisations: those whom customers belong to. A domain is stated here and never guessed, so customers of a mail
 * provider share none.
 *
 * Whoever sees a part of the desk adds none and states no domain: new customers would come into his sight by it.
 */
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { actAs } from '../../db/audit.ts';
import { Organisation } from '../../db/entities/organisation.ts';
import { actingFor } from '../acting.ts';
import { fieldsOf } from '../fields.ts';
import { readPage } from '../page.ts';
import { listCustomers, listOrganisationTickets } from '../reads/customers.ts';
import { findOrganisation, listOrganisations } from '../reads/organisations.ts';
import { requireWholeDesk } from '../principal.ts';
import { nothing, route } from '../route.ts';
import { wrong } from '../setting-checks.ts';
import { customerJson, customerSchema } from '../shapes/customer.ts';
import {
  domainSchema,
  newOrganisationSchema,
  organisationChangeSchema,
  organisationEtag,
  organisationJson,
  organisationParams,
  organisationSchema,
} from '../shapes/organisation.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { ticketJson, ticketSchema } from '../shapes/ticket.ts';

export const listOrganisationsRoute = route({
  method: 'get',
  path: '/api/v1/organisations',
  permission: 'customers:read',
  summary: 'List organisations by name',
  params: nothing,
  query: z.strictObject({ domain: domainSchema.optional(), fields: fieldsOf(organisationSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of organisations.', schema: pageOf(organisationSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors }) {
    const { domain } = query;
    const { items, nextCursor } = await readPage(
      cursors,
      ['organisations', { domain }],
      query,
      (after, limit) => listOrganisations(pool, principal, { domain, after, limit }),
      (row) => [row.name],
    );
    return { body: { items: items.map(organisationJson), nextCursor } };
  },
});

export const getOrganisationRoute = route({
  method: 'get',
  path: '/api/v1/organisations/{id}',
  permission: 'customers:read',
  summary: 'Read an organisation',
  params: organisationParams,
  query: z.strictObject({ fields: fieldsOf(organisationSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The organisation.', schema: organisationSchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params }, { principal }, { pool }) {
    const row = await findOrganisation(pool, principal, params.id);
    return { body: organisationJson(row), headers: { ETag: organisationEtag(row) } };
  },
});

export const createOrganisationRoute = route({
  method: 'post',
  path: '/api/v1/organisations',
  permission: 'customers:write',
  summary: 'Add an organisation; customers whom the desk knows already stay where they are',
  params: nothing,
  query: nothing,
  body: newOrganisationSchema,
  answer: { status: 201, description: 'The organisation.', schema: organisationSchema },
  errors: [],
  async handle({ body: { name, domain = null, tier = null } }, caller, { orm, pool, now }) {
    const { principal } = caller;
    requireWholeDesk(principal, 'add an organisation');
    const at = new Date(now());
    const id = newId();
    await takingNames({ name, domain }, () =>
      orm.em.fork().transactional(async (em) => {
        await actAs(em, actingFor(caller));
        em.create(Organisation, { id, name, domain, tier, createdAt: at, updatedAt: at });
      }),
    );
    const row = await findOrganisation(pool, principal, id);
    const headers = { Location: `/api/v1/organisations/${id}`, ETag: organisationEtag(row) };
    return { body: organisationJson(row), headers };
  },
});

export const changeOrganisationRoute = route({
  method: 'patch',
  path: '/api/v1/organisations/{id}',
  permission: 'customers:write',
  summary: 'Change an organisation; what is not given stays',
  params: organisationParams,
  query: nothing,
  body: organisationChangeSchema,
  answer: {
    status: 200,
    description: 'The organisation. Tickets keep the tier that they were opened with.',
    schema: organisationSchema,
  },
  errors: ['not_found'],
  etag: true,
  async handle({ params, body: given }, caller, { orm, pool, now }) {
    const { principal, requireMatch } = caller;
    const { id } = await findOrganisation(pool, principal, params.id);
    if (given.domain !== undefined) requireWholeDesk(principal, 'say which domain an organisation has');
    await takingNames(given, () =>
      orm.em.fork().transactional(async (em) => {
        await actAs(em, actingFor(caller));
        const row = await em.findOneOrFail(Organisation, { id }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        requireMatch(organisationEtag({ updatedAt: row.updatedAt.getTime() }));
        if (given.name !== undefined) row.name = given.name;
        if (given.domain !== undefined) row.domain = given.domain;
        if (given.tier !== undefined) row.tier = given.tier;
        // Two changes within a millisecond are still two versions.
        row.updatedAt = new Date(Math.max(now(), row.updatedAt.getTime() + 1));
      }),
    );
    const row = await findOrganisation(pool, principal, id);
    return { body: organisationJson(row), headers: { ETag: organisationEtag(row) } };
  },
});

export const organisationCustomersRoute = route({
  method: 'get',
  path: '/api/v1/organisations/{id}/customers',
  permission: 'customers:read',
  summary: 'List the customers of an organisation, newest first',
  params: organisationParams,
  query: z.strictObject({ fields: fieldsOf(customerSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of customers.', schema: pageOf(customerSchema) },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { pool, cursors }) {
    const { id } = await findOrganisation(pool, principal, params.id);
    const { items, nextCursor } = await readPage(
      cursors,
      ['organisation-customers', id],
      query,
      (after, limit) => listCustomers(pool, principal, { organisation: id, after, limit }),
      (row) => [row.position, row.id],
    );
    return { body: { items: items.map(customerJson), nextCursor } };
  },
});

export const organisationTicketsRoute = route({
  method: 'get',
  path: '/api/v1/organisations/{id}/tickets',
  permission: 'customers:read',
  summary: 'List the tickets of the customers of an organisation, newest first',
  params: organisationParams,
  query: z.strictObject({ fields: fieldsOf(ticketSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of tickets.', schema: pageOf(ticketSchema) },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { pool, cursors, links, now }) {
    const { id } = await findOrganisation(pool, principal, params.id);
    const { items, nextCursor } = await readPage(
      cursors,
      ['organisation-tickets', id],
      query,
      (after, limit) => listOrganisationTickets(pool, principal, { organisation: id, after, limit }),
      (row) => [row.position, row.id],
    );
    return { body: { items: items.map((row) => ticketJson(row, principal, links, now())), nextCursor } };
  },
});

interface Names {
  name?: string | undefined;
  domain?: string | null | undefined;
}

/** Runs `write`; throws `invalid_request` where another organisation has the name or the domain already. */
async function takingNames({ name, domain }: Names, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    const [path, value] = /organisations_domain_key/.test(error.message) ? ['domain', domain] : ['name', name];
    throw wrong(path, `is "${value}", which another organisation has; give another, or change that one`, error);
  }
}
