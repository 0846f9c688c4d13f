/** What the engines, or the desk's own counts, say of a customer. Nothing follows from it by itself. */
import { z } from 'zod';
import { ADVICE } from '../../integrations/advisor.ts';
import { advise } from '../advice.ts';
import { fieldsOf } from '../fields.ts';
import { customerFacts } from '../reads/advice-facts.ts';
import { findCustomer } from '../reads/customers.ts';
import { nothing, route } from '../route.ts';
import { advisedJson, churnSchema, countsJson, dnaSchema } from '../shapes/advice.ts';
import { customerParams } from '../shapes/customer.ts';

export const customerDnaRoute = route({
  method: 'get',
  path: '/api/v1/ai/customers/{id}/dna',
  permission: 'ai:read',
  summary: 'See what kind of customer somebody is',
  params: customerParams,
  query: z.strictObject({ fields: fieldsOf(dnaSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The analysis, and what it goes without.', schema: dnaSchema },
  errors: ['not_found'],
  async handle({ params }, { principal }, services) {
    const { id } = await findCustomer(services.pool, principal, params.id);
    const facts = await customerFacts(services.pool, principal, id, services.now());
    const advice = await advise(services, {
      task: 'analyze',
      customerId: id,
      facts,
      schema: ADVICE.analyze,
      ask: (engine) => engine.analyze(facts),
    });
    const { archetype, segments, guidance, confidence } = advice.answer;
    const said = { archetype, segments, guidance, confidence };
    return { body: { customerId: id, ...said, tier: facts.tier, tickets: countsJson(facts), ...advisedJson(advice) } };
  },
});

export const customerChurnRoute = route({
  method: 'get',
  path: '/api/v1/ai/customers/{id}/churn',
  permission: 'ai:read',
  summary: 'See how likely a customer is to leave',
  params: customerParams,
  query: z.strictObject({ fields: fieldsOf(churnSchema) }),
  body: nothing,
  answer: { status: 200, description: 'The risk with its reasons, and what it goes without.', schema: churnSchema },
  errors: ['not_found'],
  async handle({ params }, { principal }, services) {
    const { id } = await findCustomer(services.pool, principal, params.id);
    const facts = await customerFacts(services.pool, principal, id, services.now());
    const advice = await advise(services, {
      task: 'churn',
      customerId: id,
      facts,
      schema: ADVICE.churn,
      ask: (engine) => engine.churn(facts),
    });
    const { risk, level, factors, recommendations } = advice.answer;
    return {
      body: {
        customerId: id,
        risk,
        level,
        factors: factors.map(({ name, impact, raises }) => ({
          name,
          impact,
          direction: raises ? ('raises' as const) : ('lowers' as const),
        })),
        recommendations,
        ...advisedJson(advice),
      },
    };
  },
});
