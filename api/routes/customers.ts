/**
 * Customers: who writes to the desk. Whoever writes for the first time is added by that; here they are listed, added
 * beforehand and put right.
 *
 * Does not change tickets: a tier counts from the customer's next ticket on.
 */
import { LockMode, UniqueConstraintViolationException } from '@mikro-orm/core';
import { v7 as newId } from 'uuid';
import { z } from 'zod';
import { actAs } from '../../db/audit.ts';
import { Customer } from '../../db/entities/customer.ts';
import { Organisation } from '../../db/entities/organisation.ts';
import { EVERYTHING } from '../../domain/scope.ts';
import { actingFor } from '../acting.ts';
import { fieldsOf } from '../fields.ts';
import { checkMove, organisationForNew } from '../organisation-choice.ts';
import { readPage } from '../page.ts';
import type { Principal } from '../principal.ts';
import { findCustomer, listCustomers, noCustomer } from '../reads/customers.ts';
import { listTickets } from '../reads/ticket-lists.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { wrong } from '../setting-checks.ts';
import {
  customerChangeSchema,
  customerEtag,
  customerJson,
  customerParams,
  customerSchema,
  newCustomerSchema,
} from '../shapes/customer.ts';
import { pageOf, pageQuery } from '../shapes/page.ts';
import { ticketJson, ticketSchema } from '../shapes/ticket.ts';

export const listCustomersRoute = route({
  method: 'get',
  path: '/api/v1/customers',
  permission: 'customers:read',
  summary: 'List customers, newest first',
  params: nothing,
  query: z.strictObject({
    email: newCustomerSchema.shape.email.optional(),
    organisation: z.guid().optional().meta({ description: 'The id of an organisation.' }),
    fields: fieldsOf(customerSchema),
    ...pageQuery,
  }),
  body: nothing,
  answer: { status: 200, description: 'A page of customers.', schema: pageOf(customerSchema) },
  errors: ['invalid_cursor'],
  async handle({ query }, { principal }, { pool, cursors }) {
    const { email, organisation } = query;
    const { items, nextCursor } = await readPage(
      cursors,
      ['customers', { email, organisation }],
      query,
      (after, limit) => listCustomers(pool, principal, { email, organisation, after, limit }),
      (row) => [row.position, row.id],
    );
    return { body: { items: items.map(customerJson), nextCursor } };
  },
});

export const getCustomerRoute = route({
  method: 'get',
  path: '/api/v1/customers/{id}',
  permission: 'customers:read',
  summary: 'Read a customer',
  params: customerParams,
  query: z.strictObject({ fields: fieldsOf(customerSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The customer.', schema: customerSchema },
  errors: ['not_found'],
  etag: true,
  async handle({ params }, { principal }, { pool }) {
    const row = await findCustomer(pool, principal, params.id);
    return { body: customerJson(row), headers: { ETag: customerEtag(row) } };
  },
});

export const createCustomerRoute = route({
  method: 'post',
  path: '/api/v1/customers',
  permission: 'customers:write',
  summary: 'Add a customer, before the first ticket',
  params: nothing,
  query: nothing,
  body: newCustomerSchema,
  answer: { status: 201, description: 'The customer.', schema: customerSchema },
  errors: [],
  async handle({ body: { email, name = null, tier = null, organisationId: given } }, caller, services) {
    const { principal } = caller;
    const organisationId = await organisationForNew(services.pool, principal, email, given);
    const at = new Date(services.now());
    const id = newId();
    await takingAddress(email, () =>
      services.orm.em.fork().transactional(async (em) => {
        await actAs(em, actingFor(caller));
        em.create(Customer, { id, email, name, tier, organisationId, createdAt: at, updatedAt: at });
      }),
    );
    const { body, headers } = await shown(services, principal, id);
    return { body, headers: { ...headers, Location: `/api/v1/customers/${id}` } };
  },
});

export const changeCustomerRoute = route({
  method: 'patch',
  path: '/api/v1/customers/{id}',
  permission: 'customers:write',
  summary: 'Change a customer; what is not given stays',
  params: customerParams,
  query: nothing,
  body: customerChangeSchema,
  answer: {
    status: 200,
    description: 'The customer. Tickets keep the tier that they were opened with.',
    schema: customerSchema,
  },
  errors: ['not_found'],
  etag: true,
  async handle({ params, body: given }, caller, services) {
    const { principal, requireMatch } = caller;
    const { pool, orm, now } = services;
    const { id, organisationId: from } = await findCustomer(pool, principal, params.id);
    if (given.organisationId !== undefined) await checkMove(pool, principal, from, given.organisationId);
    await takingAddress(given.email ?? '', () =>
      orm.em.fork().transactional(async (em) => {
        await actAs(em, actingFor(caller));
        const row = await em.findOne(Customer, { id, erasedAt: null }, { lockMode: LockMode.PESSIMISTIC_WRITE });
        if (row === null) throw noCustomer(id);
        const belongsTo = row.organisationId && (await em.findOneOrFail(Organisation, { id: row.organisationId }));
        requireMatch(customerEtag(versionOf(row, belongsTo)));
        if (given.organisationId !== undefined) {
          // Whether he may be moved was judged by where he was.
          if ((row.organisationId ?? null) !== from)
            throw wrong('organisationId', 'was changed meanwhile; read it again');
          row.organisationId = given.organisationId;
        }
        if (given.email !== undefined) row.email = given.email;
        if (given.name !== undefined) row.name = given.name;
        if (given.tier !== undefined) row.tier = given.tier;
        // Two changes within a millisecond are still two versions.
        row.updatedAt = new Date(Math.max(now(), row.updatedAt.getTime() + 1));
      }),
    );
    return shown(services, principal, id);
  },
});

export const customerTicketsRoute = route({
  method: 'get',
  path: '/api/v1/customers/{id}/tickets',
  permission: 'customers:read',
  summary: 'List the tickets of a customer, newest first',
  params: customerParams,
  query: z.strictObject({ fields: fieldsOf(ticketSchema), ...pageQuery }),
  body: nothing,
  answer: { status: 200, description: 'A page of tickets.', schema: pageOf(ticketSchema) },
  errors: ['not_found', 'invalid_cursor'],
  async handle({ params, query }, { principal }, { pool, cursors, links, now }) {
    const { id } = await findCustomer(pool, principal, params.id);
    const { items, nextCursor } = await readPage(
      cursors,
      ['customer-tickets', id],
      query,
      (after, limit) =>
        listTickets(pool, { viewer: principal, filters: { customer: id }, sort: '-createdAt', after, limit }),
      (row) => [row.position, row.id],
    );
    return { body: { items: items.map((row) => ticketJson(row, principal, links, now())), nextCursor } };
  },
});

/** Shows it to whoever has just written it, also where it is out of his sight by that. */
async function shown({ pool }: Services, principal: Principal, id: string) {
  const row = await findCustomer(pool, { ...principal, scope: EVERYTHING }, id);
  return { body: customerJson(row), headers: { ETag: customerEtag(row) } };
}

function versionOf(row: Customer, organisation: Organisation | null | undefined | '') {
  return {
    updatedAt: row.updatedAt.getTime(),
    organisationUpdatedAt: organisation ? organisation.updatedAt.getTime() : null,
  };
}

/** Runs `write`; throws `invalid_request` where another customer has the address already. */
async function takingAddress(email: string, write: () => Promise<void>): Promise<void> {
  try {
    await write();
  } catch (error) {
    if (!(error instanceof UniqueConstraintViolationException)) throw error;
    throw wrong('email', `is "${email}", which another customer has; give another address, or change that one`, error);
  }
}
