/**
 * The hand-over of one ledger row: what it says becomes a command of its ticket's workflow. Each source has its own way
 * in; all are safe to run twice, because the command's id comes from the message or the row.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { apiTicketSchema, intakeApiTicket } from '../db/api-ticket.ts';
import { followUp, ticketOfConversation } from '../db/conversations.ts';
import { intake, type IncomingMessage, messageIdOf, ticketOfMessage } from '../db/intake.ts';
import type { SettingsReader } from '../db/settings.ts';
import type { Front } from '../integrations/front.ts';
import type { Slack } from '../integrations/slack.ts';
import type { TicketClient } from '../workflows/ticket-client.ts';
import { completeFrontEvent, messageOfRow } from './front-events.ts';
import type { ClaimedRow, HandOver, Settled } from './relay.ts';
import { hearPagerduty } from './pagerduty-events.ts';
import { decideByClick } from './slack-clicks.ts';

export interface HandOverDeps {
  pool: Pool;
  settings: SettingsReader;
  logger: Logger;
  tickets: TicketClient;
  /** Null when Front is not connected; its rows then wait. */
  front: Front | null;
  /** Null when Slack is not connected; clicks are then decided without an answer to the clicker. */
  slack: Slack | null;
  /** How long a reply that was approved by a click can be taken back. */
  undoSendMs: number;
}

/** The hand-over by source. */
export function createHandOver(deps: HandOverDeps): HandOver {
  return (row) => {
    switch (row.source) {
      case 'front':
        return row.state === 'incomplete' ? completeFrontEvent(deps.front, row) : frontMessage(deps, row);
      case 'api':
        return apiTicket(deps, row);
      case 'slack':
        return decideByClick(deps, row);
      case 'pagerduty':
        return hearPagerduty(deps, row);
    }
  };
}

async function frontMessage({ pool, settings, tickets }: HandOverDeps, row: ClaimedRow): Promise<Settled> {
  const { conversationId, messageId, message, emittedAt } = messageOfRow(row);
  const id = messageIdOf('front', messageId);
  // The same message may come under several events, and long after its ticket has forgotten their names.
  const known = await ticketOfMessage(pool, id);
  if (known !== null) return { state: 'applied', ticketId: known };
  const incoming: Omit<IncomingMessage, 'followUpOf'> = {
    commandId: `receive:${id}`,
    requestId: row.requestId,
    inboxId: row.id,
    messageId: id,
    channel: 'front',
    conversationId,
    subject: message.subject,
    body: message.body,
    html: message.html,
    from: message.from,
    // A vendor's clock that runs ahead must not grant us time.
    writtenAt: Math.min(emittedAt, row.receivedAt),
    priority: null,
    supportType: null,
    tags: [],
    fieldsTextId: null,
    splitFrom: null,
  };
  const ticket = await ticketOfConversation(pool, 'front', conversationId);
  const command = await intake(pool, settings, { ...incoming, followUpOf: ticket.followUpOf });
  if ((await tickets.deliver(ticket, command)) === 'delivered') return { state: 'applied', ticketId: ticket.ticketId };
  const next = await followUp(pool, 'front', conversationId, ticket);
  await tickets.deliver(next, { ...command, followUpOf: next.followUpOf });
  return { state: 'applied', ticketId: next.ticketId };
}

async function apiTicket({ pool, settings, tickets }: HandOverDeps, row: ClaimedRow): Promise<Settled> {
  const asked = apiTicketSchema.parse(JSON.parse(row.body));
  // A row that comes again, long after its ticket has forgotten the command's name.
  const known = await ticketOfMessage(pool, asked.messageId);
  if (known !== null) return { state: 'applied', ticketId: known };
  const command = await intakeApiTicket(pool, settings, { commandId: row.externalId, requestId: row.requestId }, asked);
  await tickets.deliver(asked, command);
  return { state: 'applied', ticketId: asked.ticketId };
}
