/**
 * Paging: who is to know that a ticket is late, told in Slack and by PagerDuty. Whom a step names is looked up when it
 * fires, not when its policy was written.
 *
 * Safe to run twice. In Slack a step is one message, which a later run finds again (`slack-posts.ts` says how, and where
 * that ends); in PagerDuty it is one incident, because its key names the ticket, the deadline and the step. A later run
 * answers with whom it would tell now, which is not told again. A vendor that refuses us reaches nobody, and the ladder
 * goes on; one that is down is tried again by whoever asked. No word of a customer's goes to PagerDuty.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { type LateTicket, lateTicket, pageesOf, type Reachable, rotaOf, type Wanted } from '../db/pagees.ts';
import { onCall } from '../domain/rota.ts';
import type { Pagee, Target } from '../domain/sla-policy.ts';
import { referenceOf } from '../domain/ticket.ts';
import type { Pagerduty } from '../integrations/pagerduty.ts';
import type { Slack } from '../integrations/slack.ts';
import { escalationMessage } from '../integrations/slack-card.ts';
import { VendorError } from '../integrations/vendor-error.ts';
import { claim, find, keep, oneAtATime } from './slack-posts.ts';
import { giveUp } from './vendor-trouble.ts';

export interface AskedToPage {
  ticketId: string;
  effectId: string;
  requestId: string;
  target: Target;
  /** When that target was due, in milliseconds since 1970. */
  dueAt: number;
  /** The index of the ladder's step. */
  step: number;
  page: readonly Pagee[];
}

/** `to` names who was told: `slack` for the desk's channel, `agent:…` for a person, `pagerduty`; empty when nobody was. */
export interface PageActivities {
  /** One message in the desk's channel, with a mention of everybody whom the step names. */
  pageInSlack: (asked: AskedToPage) => Promise<{ to: string[] }>;
  /** One incident, whoever PagerDuty then calls. */
  pageInPagerduty: (asked: AskedToPage) => Promise<{ to: string[] }>;
}

export interface PageDeps {
  pool: Pool;
  logger: Logger;
  /** Null when no Slack is connected. */
  slack: Slack | null;
  /** Null when PagerDuty is not connected. */
  pagerduty: Pagerduty | null;
  /** Where a person who was called finds the ticket. */
  urlOf: (ticketId: string) => string;
  /** Milliseconds since 1970. */
  now: () => number;
  cancelled: () => AbortSignal;
}

/** In seconds. A page is of no use in an hour, so a vendor that asks for so much patience gets less. */
const LONGEST_WAIT = 30;

const NOBODY = { to: [] };

/** The paging activities over the database behind `pool` and the connected vendors. */
export function createPageActivities(deps: PageDeps): PageActivities {
  const { pool, logger, slack, pagerduty } = deps;
  return {
    async pageInSlack(asked) {
      const ticket = await lateTicket(pool, asked.ticketId);
      if (slack === null || ticket === undefined) return NOBODY;
      const { ticketId, effectId } = asked;
      try {
        const { inChannel, people } = await whom(deps, ticket, asked.page);
        if (!inChannel && people.length === 0) return NOBODY;
        await postOnce(pool, slack, `page:${ticketId}:${effectId}`, asked, ticket, people, deps.now());
        return { to: [...(inChannel ? ['slack'] : []), ...people.map(({ id }) => `agent:${id}`)] };
      } catch (error) {
        giveUp(error, logger, { ticketId, effectId }, 'the page was refused, so nobody is told in Slack', LONGEST_WAIT);
        return NOBODY;
      }
    },
    async pageInPagerduty(asked) {
      const ticket = await lateTicket(pool, asked.ticketId);
      if (pagerduty === null || ticket === undefined) return NOBODY;
      const { ticketId, effectId } = asked;
      try {
        await pagerduty.trigger(incidentOf(asked, ticket, deps), deps.cancelled());
        return { to: ['pagerduty'] };
      } catch (error) {
        giveUp(error, logger, { ticketId, effectId }, 'PagerDuty refused the page', LONGEST_WAIT);
        return NOBODY;
      }
    },
  };
}

async function postOnce(
  pool: Pool,
  slack: Slack,
  key: string,
  { target, dueAt }: AskedToPage,
  ticket: LateTicket,
  people: readonly Reachable[],
  now: number,
): Promise<void> {
  await oneAtATime(pool, key, async (db) => {
    const post = await claim(db, key, slack.channel);
    const mentions = people.map(({ slackUserId }) => slackUserId);
    const message = { ...escalationMessage(ticket, target, dueAt, now, mentions), key };
    const ts = (await find(slack, key, post)) ?? (await slack.post(post.channel, message));
    await keep(db, key, ts, ticket.state.version);
  });
}

function incidentOf({ ticketId, target, dueAt, step }: AskedToPage, ticket: LateTicket, deps: PageDeps) {
  const { state } = ticket;
  const reference = referenceOf(state);
  const severity = state.priority === 'urgent' ? 'critical' : 'error';
  return {
    dedupKey: `holdfast:${ticketId}:${target}:${dueAt}:${step}`,
    summary: escalationMessage(ticket, target, dueAt, deps.now()).text,
    source: reference,
    severity,
    link: { href: deps.urlOf(ticketId), text: reference },
    details: { priority: state.priority, target, dueAt: new Date(dueAt).toISOString(), step: step + 1 },
  } as const;
}

interface Whom {
  inChannel: boolean;
  people: Reachable[];
}

/** Whom `page` names now. Not knowing who is on call is a failure only where nobody else is named. */
async function whom(deps: PageDeps, { state }: LateTicket, page: readonly Pagee[]): Promise<Whom> {
  const wanted: Wanted = { ids: [], emails: [], roles: [], teamIds: [] };
  let inChannel = false;
  let trouble: VendorError | undefined;
  for (const one of page) {
    switch (one.kind) {
      case 'assignee':
        if (state.assigneeId !== null) wanted.ids.push(state.assigneeId);
        break;
      case 'team': {
        const teamId = one.teamId ?? state.teamId;
        if (teamId !== null) wanted.teamIds.push(teamId);
        break;
      }
      case 'role':
        wanted.roles.push(one.role);
        break;
      case 'onCall':
        try {
          await addOnCall(deps, one.rotaId, wanted);
        } catch (error) {
          if (!(error instanceof VendorError)) throw error;
          trouble = error;
        }
        break;
      case 'channel':
        inChannel = true;
        break;
      case 'pagerDuty':
        break;
    }
  }
  const people = await pageesOf(deps.pool, wanted);
  if (trouble !== undefined && !inChannel && people.length === 0) throw trouble;
  return { inChannel, people };
}

async function addOnCall({ pool, logger, pagerduty, now, cancelled }: PageDeps, rotaId: string, wanted: Wanted) {
  const at = now();
  const kept = await rotaOf(pool, rotaId, at);
  if (kept === null) {
    logger.error({ rotaId }, 'a policy pages a rota that does not exist, or cannot be read');
  } else if ('rota' in kept) {
    const agentId = onCall(kept.rota, at);
    if (agentId !== null) wanted.ids.push(agentId);
  } else if (pagerduty === null) {
    logger.error({ rotaId }, 'a rota is kept in PagerDuty, which is not connected');
  } else {
    const people = await pagerduty.onCall(kept.scheduleId, at, cancelled());
    wanted.emails.push(...people.map(({ email }) => email.toLowerCase()));
  }
}
