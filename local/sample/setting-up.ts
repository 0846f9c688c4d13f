/**
 * What stands on the sample desk before anybody writes, all of it put there by the API: calendars, policies and a rota, the
 * companies that pay with their tiers, the customers, and the agents online. Safe to run twice.
 */
import { CUSTOMERS } from './customers.ts';
import { CALENDARS, POLICIES, rotaOf } from './policies.ts';
import type { Session } from './session.ts';

export interface SettingUp {
  /** May write settings and customers. */
  desk: Pick<Session, 'ask'>;
  agents: readonly Session[];
}

/** Sets the desk up; throws when the API refuses any of it. */
export async function setUp({ desk, agents }: SettingUp): Promise<void> {
  await addCustomers(desk);
  for (const calendar of CALENDARS) await desk.ask('POST', '/api/v1/calendars', calendar, `sample-${calendar.id}`);
  const rota = rotaOf(agents.map(({ userId }) => userId));
  await desk.ask('POST', '/api/v1/rotas', rota, `sample-${rota.id}`);
  for (const policy of POLICIES) await desk.ask('POST', '/api/v1/sla/policies', policy, `sample-${policy.id}`);
  for (const { ask, userId } of agents) await ask('POST', `/api/v1/agents/${userId}/login`, { state: 'online' });
}

/** Whoever pays belongs to a company, and has its tier; the others share a provider's domain and nothing else. */
async function addCustomers({ ask }: Pick<Session, 'ask'>): Promise<void> {
  const companies = new Map(CUSTOMERS.flatMap(({ email, tier }) => (tier === null ? [] : [[domainOf(email), tier]])));
  for (const [domain, tier] of companies) {
    await ask('POST', '/api/v1/organisations', { name: nameOf(domain), domain, tier }, `sample-${domain}`);
  }
  for (const { name, email } of CUSTOMERS) {
    await ask('POST', '/api/v1/customers', { name, email }, `sample-${email}`);
  }
}

function domainOf(email: string): string {
  return email.slice(email.indexOf('@') + 1);
}

/** Such as `Northwind Logistics` of `northwind-logistics.example`. */
function nameOf(domain: string): string {
  const [label = domain] = domain.split('.');
  return label
    .split('-')
    .map((word) => word.charAt(0).toUpperCase() + word.slice(1))
    .join(' ');
}
