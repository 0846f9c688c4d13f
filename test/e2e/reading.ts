/** What the end-to-end tests read of a desk: tickets, timelines, messages and drafts as the API shows them, and locks. */
import { type Desk, eventually } from '../support/desk.ts';

export interface TicketJson {
  id: string;
  reference: string;
  status: string;
  version: number;
  triage: { engine: string; category: string } | null;
  sla: { firstResponse: { state: string; dueAt: string } | null };
}
export interface TimelineItem {
  sequence: number;
  type: string;
  at: string;
  actor: { kind: string; name: string };
  data: Record<string, unknown>;
  causedBy: string;
}
interface MessageJson {
  id: string;
  direction: string;
  body: string;
  state: string;
  failureReason: string | null;
  delivery: { attempts: number; lastError: string | null } | null;
}
interface DraftJson {
  id: string;
  state: string;
  body: string;
  engine: string;
  decidedBy: { name: string } | null;
}
interface InboxItem {
  id: string;
  externalId: string;
  kind: string;
  status: string;
  reason: string | null;
  ticketId: string | null;
}
/** What Front's simulator says of the webhook that it sent. */
interface SentEvent {
  status: number;
  body: unknown;
  eventId: string;
  messageId: string;
}

export interface Reading {
  /** Lets a customer write in `conversationId`; answers the desk's answer to the webhook. */
  write(conversationId: string, body: string, over?: Record<string, unknown>): Promise<SentEvent>;
  /** Lets a customer write, and answers the ticket once it is `ready`. */
  newTicket(conversationId: string, body?: string, ready?: (ticket: TicketJson) => boolean): Promise<TicketJson>;
  /** The ticket that the conversation belongs to now, once it is `ready`. */
  ticketOf(conversationId: string, ready?: (ticket: TicketJson) => boolean): Promise<TicketJson>;
  ticket(ticketId: string): Promise<TicketJson>;
  timeline(ticketId: string): Promise<TimelineItem[]>;
  /** How often something of `type` happened to the ticket. */
  count(ticketId: string, type: string): Promise<number>;
  messages(ticketId: string): Promise<MessageJson[]>;
  /** The ticket's newest message, once it is outbound and in `state`. */
  reply(ticketId: string, state: string): Promise<MessageJson>;
  drafts(ticketId: string): Promise<DraftJson[]>;
  /** The draft that waits for a decision. */
  draft(ticketId: string): Promise<DraftJson>;
  decide(ticketId: string, draftId: string, decision: 'approve' | 'discard'): Promise<unknown>;
  answer(ticketId: string, body: string): Promise<MessageJson>;
  inbox(eventId: string): Promise<InboxItem | undefined>;
  /** The answers that Front gave to replies in the conversation, oldest first. */
  frontAnswers(conversationId: string): Promise<(number | null)[]>;
}

interface Page<T> {
  items: T[];
}

/** The eyes of a test on `desk`. */
export function reading(desk: Desk): Reading {
  const list = async <T>(ticketId: string, what: string): Promise<T[]> =>
    (await desk.ask<Page<T>>('GET', `/api/v1/tickets/${ticketId}/${what}?limit=100`)).items;

  const eyes: Reading = {
    write: (conversationId, body, over) =>
      desk.sim('front', 'POST', 'events', { conversationId, subject: 'Order 7', body, from: GRACE, ...over }),
    async newTicket(conversationId, body = 'Where is my order?', ready) {
      await eyes.write(conversationId, body);
      return eyes.ticketOf(conversationId, ready);
    },
    ticketOf: (conversationId, ready = () => true) =>
      eventually(async () => {
        const { rows } = await desk.pool.query<{ id: string }>(
          `select t.id from tickets t join conversations c on c.ticket_id = t.id where c.external_id = $1`,
          [conversationId],
        );
        const ticket = rows[0] && (await eyes.ticket(rows[0].id));
        return ticket !== undefined && ready(ticket) ? ticket : undefined;
      }),
    ticket: (ticketId) => desk.ask('GET', `/api/v1/tickets/${ticketId}`),
    timeline: (ticketId) => list(ticketId, 'timeline'),
    count: async (ticketId, type) => (await eyes.timeline(ticketId)).filter((item) => item.type === type).length,
    messages: (ticketId) => list(ticketId, 'messages'),
    reply: (ticketId, state) =>
      eventually(async () => {
        const newest = (await eyes.messages(ticketId)).at(-1);
        return newest?.direction === 'outbound' && newest.state === state ? newest : undefined;
      }),
    drafts: (ticketId) => list(ticketId, 'drafts'),
    draft: (ticketId) =>
      eventually(async () => (await eyes.drafts(ticketId)).find((draft) => draft.state === 'proposed')),
    decide: (ticketId, draftId, decision) =>
      desk.ask('POST', `/api/v1/tickets/${ticketId}/drafts/${draftId}/decision`, { decision }),
    answer: (ticketId, body) => desk.ask('POST', `/api/v1/tickets/${ticketId}/messages`, { body }),
    async inbox(eventId) {
      const { items } = await desk.ask<Page<InboxItem>>('GET', '/api/v1/inbox?limit=100');
      return items.find((item) => item.externalId === eventId);
    },
    async frontAnswers(conversationId) {
      const calls = await desk.calls('front', `/conversations/${conversationId}/messages`);
      return calls.map((call) => call.status);
    },
  };
  return eyes;
}

const GRACE = { email: 'grace@example.com', name: 'Grace Hopper' };

/** Whether the ticket has been triaged, and is therefore open. */
export function isOpen(ticket: TicketJson): boolean {
  return ticket.status === 'open';
}

/** The numbers 1, 2, … of as many timeline items as there are: what a timeline without gap and double holds. */
export function gapless(timeline: readonly TimelineItem[]): number[] {
  return timeline.map((_, index) => index + 1);
}

/** Does `work` while a connection of the test's own holds what `lock` takes. */
export async function holding<T>(desk: Desk, lock: string, work: () => Promise<T>): Promise<T> {
  const client = await desk.pool.connect();
  try {
    await client.query('begin');
    await client.query(lock);
    return await work();
  } finally {
    await client.query('rollback');
    client.release();
  }
}

/** The PostgreSQL processes whose statement, alike to `like`, waits for a lock, once there are `count`. */
export function waiting(desk: Desk, like: string, count = 1): Promise<number[]> {
  return eventually(async () => {
    const { rows } = await desk.pool.query<{ pid: number }>(
      `select pid from pg_stat_activity
       where datname = current_database() and wait_event_type = 'Lock' and query like $1`,
      [like],
    );
    return rows.length === count && rows.map(({ pid }) => pid);
  });
}
