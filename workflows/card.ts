/**
 * The Slack card follows the ticket: it is drawn anew when the ticket has moved past the version that it shows. One
 * drawing at a time; what moves meanwhile is drawn once, together. The card is a view, so it is not part of the ticket.
 */
import { proxyActivities } from '@temporalio/workflow';
import type { SlackActivities } from '../activities/slack.ts';
import { queue } from './effects.ts';

export interface Card {
  /** The ticket is at `version` now; null when no Slack is connected. */
  follow(version: number | null): void;
  idle(): boolean;
}

/** The card of the ticket `ticketId`. */
export function createCard(ticketId: string): Card {
  let wanted = 0;
  let shown = 0;
  let drawing = false;

  async function draw(): Promise<void> {
    drawing = true;
    while (shown < wanted) {
      const asked = wanted;
      const { version } = await slack().showCard({ ticketId });
      shown = Math.max(asked, version);
    }
    drawing = false;
  }

  return {
    follow(version) {
      if (version === null) return;
      wanted = version;
      if (!drawing) void draw();
    },
    idle: () => !drawing,
  };
}

function slack() {
  return proxyActivities<SlackActivities>({
    taskQueue: queue('slack'),
    startToCloseTimeout: '30s',
    heartbeatTimeout: '8s',
    retry: { initialInterval: '1s', maximumInterval: '1 minute' },
    summary: 'Show the ticket in Slack',
  });
}
