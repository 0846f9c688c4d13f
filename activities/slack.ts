/**
 * A ticket in Slack: its card, posted once and edited in place.
 *
 * Safe to run twice, as `slack-posts.ts` says. A Slack that refuses us never holds up a ticket: a card is given up until the
 * ticket moves again.
 */
import type { Pool, PoolClient } from 'pg';
import type { Logger } from 'pino';
import type { Slack } from '../integrations/slack.ts';
import { cardMessage, type TicketFacts } from '../integrations/slack-card.ts';
import { claim, find, keep, oneAtATime } from './slack-posts.ts';
import { giveUp } from './vendor-trouble.ts';

export interface SlackActivities {
  /** Shows the ticket as it is now; answers the version that is shown, or would be if Slack took it. */
  showCard(asked: { ticketId: string }): Promise<{ version: number }>;
}

export interface SlackDeps {
  pool: Pool;
  logger: Logger;
  /** Null when no Slack is connected. */
  slack: Slack | null;
  /** Milliseconds since 1970. */
  now(): number;
}

/** The Slack activities over the database behind `pool`. */
export function createSlackActivities(deps: SlackDeps): SlackActivities {
  const { pool, logger, slack } = deps;
  return {
    async showCard({ ticketId }) {
      const key = `card:${ticketId}`;
      if (slack === null) return { version: (await load(pool, ticketId))?.version ?? 0 };
      return oneAtATime(pool, key, async (db) => {
        // Read under the lock, so that whoever comes later knows at least as much.
        const ticket = await load(db, ticketId);
        if (ticket === undefined) return { version: 0 };
        const post = await claim(db, key, slack.channel);
        if (post.ts !== null && post.version >= ticket.version) return { version: post.version };
        try {
          const message = cardMessage(ticket, deps.now());
          const found = await find(slack, key, post);
          if (found !== null) await slack.update(post.channel, found, { ...message, key });
          await keep(db, key, found ?? (await slack.post(post.channel, { ...message, key })), ticket.version);
        } catch (error) {
          giveUp(error, logger, { ticketId }, 'Slack refused the card');
        }
        return { version: ticket.version };
      });
    },
  };
}

type LoadedTicket = TicketFacts & { version: number };

/** The ticket as the card needs it, in one reading; undefined when there is no such ticket. */
async function load(db: Pool | PoolClient, ticketId: string): Promise<LoadedTicket | undefined> {
  const { rows } = await db.query<LoadedTicket>({
    name: 'slack-ticket',
    text: `select k.id, k.version, k.subject, k.state, coalesce(c.name, c.email) as customer, a.name as assignee,
                  case when d.id is not null then json_build_object(
                    'id', d.id, 'state', d.state, 'engine', d.engine, 'body', t.body,
                    'decidedBy', coalesce(u.name, 'the ' || d.decided_by_kind)
                  ) end as draft
           from tickets k
           join customers c on c.id = k.requester_id
           left join users a on a.id = k.assignee_id
           left join lateral (
             select * from drafts where ticket_id = k.id order by created_at desc, id desc limit 1
           ) d on true
           left join texts t on t.id = d.text_id
           left join users u on u.id::text = d.decided_by_id
           where k.id = $1`,
    values: [ticketId],
  });
  return rows[0];
}
