/** How drafts are received: by category, so that it shows where they can be relied on. */
import { z } from 'zod';
import { type AcceptanceRow, acceptanceOf } from '../reads/acceptance.ts';
import { nothing, route } from '../route.ts';
import { wrong } from '../setting-checks.ts';
import { acceptanceSchema } from '../shapes/advice.ts';
import { instant } from '../shapes/instant.ts';

const DAY = 24 * 3_600_000;
const USUAL_DAYS = 30;
const MOST_DAYS = 366;

const instantQuery = z.iso
  .datetime({ offset: true, error: 'must be an instant such as 2026-01-31T08:00:00Z' })
  .transform((text) => Date.parse(text))
  .optional();

export const acceptanceRoute = route({
  method: 'get',
  path: '/api/v1/ai/acceptance',
  permission: 'reports:read',
  summary: 'See how drafts were received, by category',
  params: nothing,
  query: z.strictObject({
    from: instantQuery.meta({
      type: 'string',
      format: 'date-time',
      description: `Proposed then or later; ${USUAL_DAYS} days before "to" unless given.`,
    }),
    to: instantQuery.meta({ type: 'string', format: 'date-time', description: 'Proposed before; now unless given.' }),
  }),
  body: nothing,
  answer: { status: 200, description: 'The counts, of the tickets that you see.', schema: acceptanceSchema },
  errors: [],
  async handle({ query }, { principal }, { pool, now }) {
    const to = query.to ?? now();
    const from = query.from ?? to - USUAL_DAYS * DAY;
    if (from >= to) throw wrong('from', 'must be earlier than "to"');
    if (to - from > MOST_DAYS * DAY) throw wrong('from', `must be at most ${MOST_DAYS} days before "to"`);
    const rows = await acceptanceOf(pool, principal, from, to);
    const categories = rows.map((row) => ({ category: row.category, ...countsJson(row) }));
    const total = countsJson(rows.reduce(added, NONE));
    return { body: { from: instant(from), to: instant(to), total, categories } };
  },
});

type Counted = Omit<AcceptanceRow, 'category'>;
const NONE: Counted = { proposed: 0, approved: 0, edited: 0, discarded: 0, distance: 0, measured: 0 };

function added(a: Counted, b: Counted): Counted {
  return {
    proposed: a.proposed + b.proposed,
    approved: a.approved + b.approved,
    edited: a.edited + b.edited,
    discarded: a.discarded + b.discarded,
    distance: a.distance + b.distance,
    measured: a.measured + b.measured,
  };
}

function countsJson({ proposed, approved, edited, discarded, distance, measured }: Counted) {
  const decided = approved + edited + discarded;
  return {
    proposed,
    approved,
    edited,
    discarded,
    meanEditDistance: measured === 0 ? null : Math.round((10 * distance) / measured) / 10,
    share: decided === 0 ? null : Math.round((1000 * approved) / decided) / 1000,
  };
}
