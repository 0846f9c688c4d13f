/**
 * Handing rows of the inbox ledger over again, one or by range.
 *
 * Puts them in line; the relay does the rest, and what is wrong with a row sets it aside again. Nothing is done twice: a
 * ticket ignores the messages that it has.
 */
import { z } from 'zod';
import { writeAudit } from '../../db/audit.ts';
import { INBOX_STATES } from '../../db/entities/inbox-row.ts';
import { findLedgerRow, idBefore, type LedgerRow, listLedgerRows, putBack } from '../../db/ledger-replay.ts';
import { DeskError } from '../../domain/errors.ts';
import { actingFor } from '../acting.ts';
import { judge } from '../inbox-replay.ts';
import { requireWholeDesk } from '../principal.ts';
import { nothing, route } from '../route.ts';
import type { Services } from '../services.ts';
import { inboxParams, SOURCES } from '../shapes/inbox.ts';

/** How many rows one call looks at, and how many at a time: their bodies may be long. */
const MOST = 1_000;
const AT_A_TIME = 50;

const replaySchema = z
  .object({
    replayed: z.int().meta({ description: 'Rows that are in line again.' }),
    refused: z
      .array(z.object({ reason: z.string(), count: z.int() }))
      .meta({ description: 'Rows that stay as they are, by the reason for it.' }),
    nextCursor: z
      .string()
      .nullable()
      .meta({
        description: `Where the same call goes on; null when all were looked at. A call looks at ${MOST} rows.`,
      }),
  })
  .meta({ id: 'InboxReplay' });

export const replayInboxRowRoute = route({
  method: 'post',
  path: '/api/v1/inbox/{id}/replay',
  permission: 'inbox:replay',
  summary: 'Hand one row of the ledger over again',
  params: inboxParams,
  query: nothing,
  body: nothing,
  answer: { status: 200, description: 'Whether it is in line again, or why not.', schema: replaySchema },
  errors: ['not_found'],
  async handle({ params: { id } }, caller, { pool }) {
    requireWholeDesk(caller.principal, 'replay the inbox');
    const row = /^[1-9]\d{0,17}$/.test(id) ? await findLedgerRow(pool, id) : undefined;
    if (row === undefined) throw new DeskError('not_found', `The inbox has no row "${id.slice(0, 40)}".`);
    const tally = new Tally();
    await replay(pool, [row], tally);
    const details = { replayed: tally.replayed };
    await writeAudit(pool, actingFor(caller), { action: 'inbox.replay', target: 'inbox', targetId: id, details });
    return { body: { ...tally.told(), nextCursor: null } };
  },
});

const instant = z.iso
  .datetime({ offset: true, error: 'must be an instant such as 2026-01-31T08:00:00Z' })
  .transform((text) => Date.parse(text));

export const replayInboxRoute = route({
  method: 'post',
  path: '/api/v1/inbox/replay',
  permission: 'inbox:replay',
  summary: 'Hand rows of the ledger over again: those that failed, unless the body says otherwise',
  params: nothing,
  query: nothing,
  body: z
    .strictObject({
      status: z.enum(INBOX_STATES).default('failed'),
      source: z.enum(SOURCES).optional(),
      from: instant.optional().meta({ type: 'string', format: 'date-time', description: 'Received then or later.' }),
      to: instant.optional().meta({ type: 'string', format: 'date-time', description: 'Received before.' }),
      cursor: z.string().max(1000).optional().meta({ description: 'The nextCursor of the call before.' }),
    })
    .refine(({ from, to }) => from === undefined || to === undefined || from < to, {
      path: ['to'],
      error: 'must be later than "from"',
    }),
  answer: { status: 200, description: 'How many are in line again, and why the others are not.', schema: replaySchema },
  errors: ['invalid_cursor'],
  async handle({ body: { cursor, status: state, source, from, to } }, caller, { pool, cursors }) {
    requireWholeDesk(caller.principal, 'replay the inbox');
    const scope = ['inbox-replay', { state, source, from, to }];
    const [known] = cursor === undefined ? [] : cursors.read(scope, cursor);
    let after: string | null = known ?? (from === undefined ? '0' : await idBefore(pool, from));
    const tally = new Tally();
    for (let looked = 0; looked < MOST && after !== null; looked += AT_A_TIME) {
      const { rows, last } = await listLedgerRows(pool, { state, source, from, to }, after, AT_A_TIME);
      await replay(pool, rows, tally);
      after = last;
    }
    const details = { replayed: tally.replayed, status: state, source: source ?? null };
    await writeAudit(pool, actingFor(caller), { action: 'inbox.replay', target: 'inbox', targetId: null, details });
    return { body: { ...tally.told(), nextCursor: after === null ? null : cursors.sign(scope, [after]) } };
  },
});

/** What became of the rows. */
class Tally {
  replayed = 0;
  readonly #refused = new Map<string, number>();

  refuse(reason: string, count = 1): void {
    if (count > 0) this.#refused.set(reason, (this.#refused.get(reason) ?? 0) + count);
  }

  told() {
    return { replayed: this.replayed, refused: [...this.#refused].map(([reason, count]) => ({ reason, count })) };
  }
}

async function replay(pool: Services['pool'], rows: readonly LedgerRow[], tally: Tally): Promise<void> {
  const fit = [];
  for (const row of rows) {
    const verdict = judge(row);
    if ('to' in verdict) fit.push({ id: row.id, from: row.state, to: verdict.to });
    else tally.refuse(verdict.reason);
  }
  const put = fit.length === 0 ? 0 : await putBack(pool, fit);
  tally.replayed += put;
  tally.refuse('Somebody else has had it handed over in the meantime.', fit.length - put);
}
