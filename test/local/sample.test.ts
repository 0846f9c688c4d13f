/** The sample desk: a plan that is the same each time and says what it means to, and a desk that comes to look like it. */
import { createHash, randomUUID } from 'node:crypto';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SUPPORT_TYPES } from '../../db/support-types.ts';
import { checkForm } from '../../domain/support-type.ts';
import { playCrowd } from '../../local/sample/crowd.ts';
import { planOf, type SampleTicket } from '../../local/sample/plan.ts';
import { firstResponseMinutes } from '../../local/sample/policies.ts';
import { type Fate, FATE_NAMES } from '../../local/sample/scripts.ts';
import { type Session, withKey } from '../../local/sample/session.ts';
import { CUSTOMERS } from '../../local/sample/customers.ts';
import { setUp } from '../../local/sample/setting-up.ts';
import type { Cast } from '../../local/sample/stage.ts';
import { triageOf } from '../../local/simulators/openai-answers.ts';
import { type Desk, startDesk } from '../support/desk.ts';

const plan = planOf();

describe('the plan of the sample', () => {
  it('is the same each time', () => {
    expect(planOf()).toEqual(plan);
    expect(new Set(plan.map(({ key }) => key)).size).toBe(plan.length);
  });

  it('is of about two hundred tickets of at least sixty customers, of every type and with every fate', () => {
    expect(plan.length).toBeGreaterThan(190);
    expect(plan.length).toBeLessThan(210);
    expect(new Set(plan.map(({ customer }) => customer.email)).size).toBeGreaterThanOrEqual(60);
    expect(new Set(plan.map(({ customer }) => customer.tier))).toEqual(
      new Set(['enterprise', 'vip', 'business', null]),
    );
    expect(new Set(plan.map(({ type }) => type))).toEqual(new Set(SUPPORT_TYPES.map(({ id }) => id)));
    expect(new Set(plan.map(({ fate }) => fate))).toEqual(new Set(FATE_NAMES));
  });

  it('shows every fate and every type early, so that a desk that is cut short has them too', () => {
    expect(new Set(plan.slice(0, 40).map(({ type }) => type)).size).toBe(SUPPORT_TYPES.length);
    expect(new Set(plan.slice(0, 40).map(({ fate }) => fate))).toEqual(new Set(FATE_NAMES));
  });

  it('leaves no gap in what people write', () => {
    const written = plan.flatMap(({ subject, body, steps }) => [
      subject,
      body,
      ...steps.map((step) => ('body' in step ? step.body : 'nothing')),
    ]);
    expect(written.filter((text) => /[{}]|undefined|\n\n$/.test(text) || text.trim() === '')).toEqual([]);
  });

  it('fills in forms as their types have them', () => {
    const wrong = plan.flatMap(({ type, customFields }) =>
      SUPPORT_TYPES.filter(({ id }) => id === type).flatMap((one) => checkForm(one, customFields, { complete: false })),
    );
    expect(wrong).toEqual([]);
  });

  it.each(FATE_NAMES)('is late only where it means to be: %s', (fate) => {
    for (const { customer, subject, body, ago } of plan.filter((ticket) => ticket.fate === fate)) {
      // A ticket has normal priority until it is triaged, so both targets must hold.
      const priorities = ['normal', triageOf(`${subject}\n\n${body}`).priority] as const;
      const shares = priorities.map((priority) => ago / firstResponseMinutes(customer.tier, priority));
      if (fate === 'late') expect(Math.max(...shares)).toBeGreaterThan(1);
      else expect(Math.max(...shares)).toBeLessThan(0.95);
      if (fate === 'atRisk') expect(Math.max(...shares)).toBeGreaterThanOrEqual(0.79);
    }
  });
});

describe('the sample on a desk', () => {
  let desk: Desk;
  let cast: Cast;
  beforeAll(async () => {
    desk = await startDesk();
    const agents = await Promise.all(['ada', 'ben', 'cho'].map((name) => sessionOf(desk, name)));
    const admin = await sessionOf(desk, 'admin');
    cast = { front: desk.front, desk: admin, agents };
    await setUp({ desk: admin, agents });
  }, 120_000);
  afterAll(() => desk.stop());

  it('has its policies before the desk’s own, and its calendars with their holidays', async () => {
    const policies = await desk.ask<{ items: { id: string; calendarId: string | null }[] }>(
      'GET',
      '/api/v1/sla/policies',
    );
    expect(policies.items.map(({ id, calendarId }) => [id, calendarId])).toEqual([
      ['enterprise', 'round-the-clock'],
      ['business', 'berlin'],
      ['standard', null],
    ]);
    const { holidays } = await desk.ask<{ holidays: string[] }>('GET', '/api/v1/calendars/berlin');
    expect(holidays).toContain(`${new Date().getUTCFullYear()}-10-03`);
  });

  it('has its customers in the companies that pay for them, and the same ones when it is set up again', async () => {
    const agents = cast.agents;
    await setUp({ desk: cast.desk, agents });
    const { items } = await desk.ask<{ items: { name: string; tier: string }[] }>(
      'GET',
      '/api/v1/organisations?limit=100',
    );
    expect(items).toContainEqual(expect.objectContaining({ name: 'Northwind Logistics', tier: 'enterprise' }));
    const found = await desk.ask<{ items: { email: string }[] }>('GET', '/api/v1/customers?limit=100');
    const emails = found.items.map(({ email }) => email);
    for (const { email } of CUSTOMERS) expect(emails).toContain(email);
    expect(found.items).toContainEqual(
      expect.objectContaining({
        email: 'priya.raman@northwind-logistics.example',
        organisation: { id: expect.any(String), name: 'Northwind Logistics' },
        tier: null,
        effectiveTier: 'enterprise',
      }),
    );
  });

  it('comes to stand as planned, with a ticket of each fate', async () => {
    const tickets = oneOfEach();
    const played = await playCrowd(cast, tickets, () => false);
    expect(played).toEqual({
      arrived: tickets.length,
      triaged: tickets.length,
      finished: tickets.length,
      fault: undefined,
    });
    const { items } = await desk.ask<{ items: TicketJson[] }>('GET', '/api/v1/tickets?limit=100');
    const stands = new Map(tickets.map(({ fate, subject }) => [fate, items.find((one) => one.subject === subject)]));
    expect(Object.fromEntries([...stands].map(([fate, ticket]) => [fate, ticket?.status]))).toEqual(STATUS_BY_FATE);
    expect(stands.get('late')?.sla.firstResponse?.state).toBe('breached');
    expect(stands.get('atRisk')?.sla.firstResponse?.atRisk).toBe(true);
    expect(stands.get('snoozed')?.snoozed).toBe(true);
    expect(stands.get('merged')?.mergedInto?.id).toBe(stands.get('open')?.id);
    for (const { fate, type } of tickets) expect([fate, stands.get(fate)?.supportType]).toEqual([fate, type]);
  }, 120_000);

  it('lets nobody write any more once the desk is being stopped', async () => {
    const played = await playCrowd(cast, plan, () => true);
    expect(played).toEqual({ arrived: 0, triaged: 0, finished: 0, fault: undefined });
  });
});

const STATUS_BY_FATE: Readonly<Record<Fate, string>> = {
  late: 'open',
  atRisk: 'open',
  open: 'open',
  untouched: 'open',
  pending: 'pending',
  onHold: 'on_hold',
  snoozed: 'open',
  escalated: 'escalated',
  resolved: 'resolved',
  closed: 'closed',
  reopened: 'open',
  merged: 'closed',
};

interface TicketJson {
  id: string;
  subject: string;
  status: string;
  supportType: string | null;
  snoozed: boolean;
  mergedInto: { id: string } | null;
  sla: { firstResponse: { state: string; atRisk: boolean } | null };
}

/** A session with a new key of somebody of the seed. */
async function sessionOf({ pool, url }: Desk, name: string): Promise<Session> {
  const key = `hf_${randomUUID()}`;
  const hash = createHash('sha256').update(key).digest('hex');
  const { rows } = await pool.query<{ userId: string }>(
    `insert into api_keys (id, name, role, user_id, hash, created_at)
     select $1, 'sample', u.role, u.id, $2, now() from users u where u.email = $3 returning user_id as "userId"`,
    [randomUUID(), hash, `${name}@holdfast.test`],
  );
  return { userId: rows[0]?.userId ?? '', ...withKey(url, key) };
}

/** The first ticket of each fate, and for the merged one the first that goes into the open one. */
function oneOfEach(): SampleTicket[] {
  const open = plan.find(({ fate, channel }) => fate === 'open' && channel === 'api');
  const merged = plan.find(({ fate }) => fate === 'merged');
  if (open === undefined || merged === undefined) throw new Error('The plan lacks an open or a merged ticket.');
  const others = FATE_NAMES.filter((fate) => fate !== 'open' && fate !== 'merged').flatMap(
    (fate) => plan.find((ticket) => ticket.fate === fate) ?? [],
  );
  return [open, ...others, { ...merged, steps: [{ do: 'merge', into: open.key }] }];
}
