/**
 * Sending a reply by the channel that its ticket came from.
 *
 * Safe to run twice, with one honest limit: a vendor that takes no idempotency key (Front takes none) gets a reply twice
 * if the worker dies after the vendor accepted it and before `deliveries` says so. Every other repetition finds the
 * acceptance there and sends nothing.
 */
import { ApplicationFailure } from '@temporalio/common';
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { v7 as newId } from 'uuid';
import { filesOfMessage } from '../db/attachments.ts';
import type { Channel } from '../domain/ticket.ts';
import type { ReplyChannel } from '../integrations/channel.ts';
import type { Files } from '../integrations/files.ts';
import { VendorError } from '../integrations/vendor-error.ts';

export interface ChannelActivities {
  send(reply: { ticketId: string; requestId: string; messageId: string; textId: string }): Promise<SendResult>;
}

type SendResult = { accepted: true; externalId: string | null } | { accepted: false; reasonTextId: string };

export interface ChannelDeps {
  pool: Pool;
  logger: Logger;
  /** Null when Front is not connected. */
  front: ReplyChannel | null;
  /** Where the files of messages lie. */
  files: Pick<Files, 'blob'>;
  cancelled: () => AbortSignal;
}

/** The sending activities over the connected channels. */
export function createChannelActivities(deps: ChannelDeps): ChannelActivities {
  const { pool } = deps;
  return {
    async send({ ticketId, messageId, textId }) {
      const reply = await load(pool, ticketId, textId);
      // Nothing to hand over: who opened the ticket through the API reads the reply there.
      if (reply.channel === 'api') return { accepted: true, externalId: null };
      if (deps.front === null || reply.conversationId === null) {
        return refused(pool, `No ${reply.channel} is connected; connect it, then reply again.`);
      }
      const before = await beginAttempt(pool, messageId);
      if (before.accepted) return { accepted: true, externalId: before.externalId };
      try {
        const files = await filesOf(deps, messageId);
        const sent = await deps.front.send(reply.conversationId, { text: reply.body, files }, deps.cancelled());
        await noteAccepted(deps, messageId, sent.externalId);
        return { accepted: true, externalId: sent.externalId };
      } catch (error) {
        if (!(error instanceof VendorError)) throw error;
        await noteError(pool, messageId, error);
        if (!error.retryable) return refused(pool, error.reason);
        throw retryLater(error);
      }
    },
  };
}

interface LoadedReply {
  channel: Channel;
  conversationId: string | null;
  body: string;
}

async function load(pool: Pool, ticketId: string, textId: string): Promise<LoadedReply> {
  const { rows } = await pool.query<LoadedReply>({
    name: 'reply-load',
    text: `select k.channel, k.state ->> 'conversationId' as "conversationId", t.body
           from tickets k join texts t on t.id = $2 where k.id = $1`,
    values: [ticketId, textId],
  });
  const reply = rows[0];
  if (reply === undefined) throw new Error(`Ticket ${ticketId} or text ${textId} is gone, so it cannot be sent.`);
  return reply;
}

/** Opened when they are sent: what lies on the disk is not read into memory before. */
async function filesOf({ pool, files }: ChannelDeps, messageId: string) {
  const attached = await filesOfMessage(pool, messageId);
  return Promise.all(attached.map(async ({ id, name, type }) => ({ name, content: await files.blob(id, type) })));
}

async function beginAttempt(pool: Pool, messageId: string): Promise<{ accepted: boolean; externalId: string | null }> {
  const { rows } = await pool.query<{ accepted: boolean; externalId: string | null }>({
    name: 'delivery-begin',
    text: `insert into deliveries as d (message_id, attempts, last_attempt_at) values ($1, 1, now())
           on conflict (message_id) do update
             set attempts = d.attempts + (d.accepted_at is null)::integer, last_attempt_at = now()
           returning d.accepted_at is not null as accepted, d.external_id as "externalId"`,
    values: [messageId],
  });
  return rows[0] ?? { accepted: false, externalId: null };
}

/** Accepted is accepted: a database that is away just now must not make us send again. */
async function noteAccepted(
  { pool, logger }: ChannelDeps,
  messageId: string,
  externalId: string | null,
): Promise<void> {
  try {
    await pool.query({
      name: 'delivery-accept',
      text: 'update deliveries set accepted_at = now(), external_id = $2, last_error = null where message_id = $1',
      values: [messageId, externalId],
    });
  } catch (error) {
    logger.warn({ err: error, messageId }, 'the acceptance could not be noted; the workflow is told all the same');
  }
}

async function noteError(pool: Pool, messageId: string, error: VendorError): Promise<void> {
  await pool.query({
    name: 'delivery-error',
    text: 'update deliveries set last_error = $2 where message_id = $1',
    values: [messageId, error.message],
  });
}

/** The vendor's reason may quote an address, so it is stored as a text and named by id. */
async function refused(pool: Pool, reason: string): Promise<SendResult> {
  const reasonTextId = newId();
  await pool.query('insert into texts (id, body) values ($1, $2)', [reasonTextId, reason]);
  return { accepted: false, reasonTextId };
}

function retryLater(error: VendorError): ApplicationFailure {
  return ApplicationFailure.create({
    message: error.message,
    type: 'vendor_unavailable',
    ...(error.retryAfterSeconds !== undefined && { nextRetryDelay: error.retryAfterSeconds * 1000 }),
  });
}
