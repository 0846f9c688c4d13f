/**
 * What the desk itself can say of a customer or a ticket, from its own rows and without any model: counts and rules. It
 * takes over when the second engine is down, slow or not connected, answers at once, and says what it goes by.
 */
import {
  type Advisor,
  type Analysis,
  type Churn,
  type CustomerFacts,
  levelOf,
  type Recommendation,
  type TicketFacts,
} from './advisor.ts';

/** As hand-out does, which gives their tickets to the senior. */
const VIP_TIERS = ['vip', 'enterprise'];
const NEW_MS = 30 * 24 * 3_600_000;
const OFTEN = 5;
/** How sure these rules are of themselves, 0 to 1. */
const CONFIDENCE = 0.3;

/** The desk's rules as an engine; `now` is in milliseconds since 1970. */
export function createDeskAdvisor(now: () => number): Advisor {
  return {
    analyze: (customer) => Promise.resolve(analysis(customer, now())),
    churn: (customer) => Promise.resolve(churn(customer)),
    recommend: (ticket) => Promise.resolve(recommendation(ticket)),
  };
}

function analysis(customer: CustomerFacts, now: number): Analysis {
  const { tickets, since } = customer;
  const isVip = isImportant(customer);
  const often = tickets.recently >= OFTEN;
  const segments = [
    { name: 'value', value: isVip ? 'vip' : (customer.tier ?? 'standard') },
    { name: 'tenure', value: now - since < NEW_MS ? 'new' : 'established' },
    { name: 'contact', value: contactOf(tickets.recently) },
    { name: 'mood', value: moodOf(customer) },
    { name: 'topic', value: topicOf(customer) },
  ];
  const guidance = [
    ...(isVip ? ['Answer first: the tier is one of those that come first.'] : []),
    ...(tickets.late > 0 ? ['Begin with an apology: something that is owed is late.'] : []),
    ...(moodOf(customer) === 'negative' ? ['Keep it calm and concrete: most tickets were written in anger.'] : []),
    ...(often ? ['Look for one cause behind many questions.'] : []),
  ];
  return { engine: 'heuristic', archetype: null, segments, guidance, confidence: CONFIDENCE };
}

function contactOf(recently: number): string {
  if (recently >= OFTEN) return 'often';
  return recently === 0 ? 'quiet' : 'now and then';
}

function moodOf({ tickets: { negative, total } }: CustomerFacts): string {
  return total > 0 && negative / total >= 0.5 ? 'negative' : 'neutral';
}

function topicOf({ tickets: { byCategory } }: CustomerFacts): string {
  const [first] = Object.entries(byCategory).toSorted(([, a], [, b]) => b - a);
  return first === undefined ? 'none yet' : first[0].replaceAll('_', ' ');
}

function isImportant({ tier }: CustomerFacts): boolean {
  return tier !== null && VIP_TIERS.includes(tier);
}

/** Each factor adds its weight by its share; without a ticket there is little to go by. */
function churn({ tickets }: CustomerFacts): Churn {
  const of = (count: number) => (tickets.total === 0 ? 0 : count / tickets.total);
  const weighed = [
    { name: 'Tickets written in anger', share: of(tickets.negative), weight: 0.35 },
    { name: 'Deadlines that were missed', share: of(tickets.breached), weight: 0.25 },
    { name: 'Something owed is late now', share: Math.min(1, tickets.late), weight: 0.2 },
    { name: 'Many tickets in the last ninety days', share: Math.min(1, tickets.recently / (2 * OFTEN)), weight: 0.15 },
  ];
  const risk = Math.round(100 * weighed.reduce((sum, { share, weight }) => sum + share * weight, 0.05)) / 100;
  return {
    engine: 'heuristic',
    risk,
    level: levelOf(risk),
    factors: weighed
      .filter(({ share }) => share > 0)
      .map(({ name, share, weight }) => ({ name, impact: impactOf(share * weight), raises: true })),
    recommendations: tickets.late > 0 ? ['Answer what is late before anything else.'] : [],
  };
}

function impactOf(part: number): 'low' | 'medium' | 'high' {
  if (part >= 0.2) return 'high';
  return part >= 0.08 ? 'medium' : 'low';
}

function recommendation(ticket: TicketFacts): Recommendation {
  const { status, late, atRisk, draftWaits, assigned, sentiment, customer } = ticket;
  const done = status === 'resolved' || status === 'closed';
  const important = isImportant(customer);
  const actions = [
    ...(late.length > 0 && !done ? [step('Answer now', 'What is owed on this ticket is late.')] : []),
    ...(draftWaits ? [step('Decide the draft that waits', 'It answers the customer’s newest message.')] : []),
    ...(assigned || done ? [] : [step('Take the ticket, or give it to somebody', 'Nobody has it.')]),
    ...(important && sentiment === 'negative' && !done
      ? [step('Bring in a senior agent', 'An important customer is angry.')]
      : []),
    ...(atRisk.length > 0 && !done ? [step('Answer before the deadline', 'A deadline was warned of.')] : []),
    ...(customer.tickets.open > 1
      ? [step('Look at the customer’s other open tickets', `There are ${customer.tickets.open} of them open at once.`)]
      : []),
    ...(status === 'pending' ? [step('Ask whether it is solved', 'The customer has not answered yet.')] : []),
  ];
  return {
    engine: 'heuristic',
    actions:
      actions.length > 0 ? actions : [step(done ? 'Nothing' : 'Answer the customer', 'Nothing else stands out.')],
    warnings: customer.tickets.late > 0 ? ['Something that is owed to this customer is late.'] : [],
    talkingPoints: [],
  };
}

function step(action: string, reason: string): Recommendation['actions'][number] {
  return { action, reason };
}
