/** A desk that hears from Front: API, relay and workers around one database, and mail as an attacker would write it. */
import { createHmac, randomUUID } from 'node:crypto';
import { pino } from 'pino';
import { vi } from 'vitest';
import { messageIdOf, ticketOfMessage } from '../../db/intake.ts';
import { createSettings } from '../../db/settings.ts';
import type { Assistant } from '../../integrations/assistant.ts';
import type { Slack } from '../../integrations/slack.ts';
import { createHandOver } from '../../workers/hand-over.ts';
import { createRelay } from '../../workers/relay.ts';
import { type Answer, FRONT, startApi, type TestApi } from '../api/support.ts';
import { startTickets, type TestTickets } from './tickets.ts';

export interface Mail {
  from: { email: string; name?: string };
  subject?: string;
  text?: string;
  html?: string;
  conversationId?: string;
  /** The event's type, where it is not a customer's message. */
  type?: string;
  /** Beside what the desk reads of the message. */
  more?: object;
}

export interface FrontDesk {
  api: TestApi;
  desk: TestTickets;
  /** An admin's. */
  key: string;
  get(path: string): Promise<Answer>;
  /** Lets Front tell of `mail`, and answers the ticket once nothing of it is under way; null where it led to none. */
  hear(mail: Mail): Promise<string | null>;
  close(): Promise<void>;
}

/** Starts the desk with the vendors given. */
export async function startFrontDesk(vendors: { model?: Assistant; slack?: Slack } = {}): Promise<FrontDesk> {
  const desk = await startTickets(vendors);
  const api = await startApi({ db: desk.db, client: desk.client, prefix: desk.prefix });
  const { key } = await api.newKey('admin');
  const { pool } = desk.db;
  const logger = pino({ level: 'silent' });
  const { tickets } = desk;
  const handing = { pool, settings: createSettings(pool), logger, tickets, front: null, slack: null, undoSendMs: 0 };
  const relay = createRelay({ pool, logger, handOver: createHandOver(handing) });
  const running = relay.run();
  return {
    api,
    desk,
    key,
    get: (path) => api.ask('GET', `/api/v1${path}`, { key }),
    async hear(mail) {
      const [eventId, messageId] = [newName('evt'), newName('msg')];
      const raw = JSON.stringify(eventOf(eventId, messageId, mail));
      const signature = createHmac('sha1', FRONT.ruleSecret).update(raw).digest('base64');
      const { status } = await api.ask('POST', '/webhooks/front', { raw, headers: { 'X-Front-Signature': signature } });
      if (status !== 200) throw new Error(`The webhook was answered ${status}.`);
      const row = await vi.waitUntil(() => settled(pool, eventId), { timeout: 20_000 });
      const { ticketId } = row;
      if (ticketId !== null) {
        const id = messageIdOf('front', messageId);
        await vi.waitUntil(() => ticketOfMessage(pool, id), { timeout: 20_000 });
        await vi.waitUntil(async () => (await desk.read(ticketId))?.effects.length === 0, { timeout: 20_000 });
      }
      return ticketId;
    },
    async close() {
      relay.stop();
      await running;
      await api.close();
      await desk.stop();
    },
  };
}

async function settled(pool: TestApi['db']['pool'], eventId: string): Promise<{ ticketId: string | null } | undefined> {
  const { rows } = await pool.query<{ ticketId: string | null }>(
    `select ticket_id as "ticketId" from inbox
     where external_id = $1 and state not in ('received', 'incomplete')`,
    [eventId],
  );
  return rows[0];
}

function newName(kind: 'evt' | 'msg' | 'cnv'): string {
  return `${kind}_${randomUUID().replaceAll('-', '')}`;
}

function eventOf(
  id: string,
  messageId: string,
  { from, subject, text, html, conversationId, type = 'inbound', more }: Mail,
) {
  const recipients = [
    { handle: from.email, name: from.name ?? null, role: 'from' },
    { handle: 'support@holdfast.example', role: 'to' },
  ];
  const words = { subject, text: text ?? '', body: html ?? null };
  return {
    id,
    type,
    emitted_at: Date.now() / 1000,
    conversation: { id: conversationId ?? newName('cnv') },
    target: { _meta: { type: 'message' }, data: { id: messageId, ...words, recipients, ...more } },
  };
}
