/**
 * Asking for advice: the second engine where there is one and it answers, else the desk's own counts and rules, and a word
 * on what is missing by that. Whoever asks is answered in any case.
 *
 * An answer of the second engine is kept for a quarter of an hour under what was asked; the question holds what the asker
 * sees, so nobody is answered from tickets that he does not see.
 */
import { createHash } from 'node:crypto';
import type { z } from 'zod';
import { keepAdvice, keptAdvice } from '../db/advice.ts';
import type { ADVICE, AdviceEngine, Advisor } from '../integrations/advisor.ts';
import { counts } from '../integrations/counts.ts';
import { createDeskAdvisor } from '../integrations/desk-advisor.ts';
import { VendorError } from '../integrations/vendor-error.ts';
import type { Services } from './services.ts';

export interface Advised<Answer> {
  answer: Answer;
  /** When it was given, in milliseconds since 1970. */
  at: number;
  missing: { part: string; reason: string }[];
}

interface Question<Answer> {
  task: keyof typeof ADVICE;
  customerId: string;
  /** All that is told. */
  facts: object;
  /** What an answer looks like that was kept. */
  schema: z.ZodType<Answer>;
  ask: (engine: Advisor) => Promise<Answer>;
}

/** What the best engine that answers says. */
export async function advise<Answer extends { engine: AdviceEngine }>(
  { pool, second, logger, now }: Pick<Services, 'pool' | 'second' | 'logger' | 'now'>,
  { task, customerId, facts, schema, ask }: Question<Answer>,
): Promise<Advised<Answer>> {
  const own = async (reason: string): Promise<Advised<Answer>> => {
    const answer = await ask(createDeskAdvisor(now));
    counts().aiAnswers.add(1, { task, engine: answer.engine });
    return { answer, at: now(), missing: [{ part: 'quimbi', reason }] };
  };
  if (second === undefined) {
    return own('Quimbi is not connected to this desk, so this is what the desk knows by itself.');
  }
  const key = createHash('sha256')
    .update(JSON.stringify([task, facts]))
    .digest('base64url');
  const kept = await keptAdvice(pool, key, now());
  // One that an older version of the desk kept may look otherwise; then it is asked again.
  const known = schema.safeParse(kept?.answer);
  if (kept !== null && known.success) return { answer: known.data, at: kept.at, missing: [] };
  try {
    const answer = await ask(second);
    const at = now();
    counts().aiAnswers.add(1, { task, engine: answer.engine });
    await keepAdvice(pool, { key, customerId, answer, at });
    return { answer, at, missing: [] };
  } catch (error) {
    if (!(error instanceof VendorError)) throw error;
    logger.warn({ task, status: error.status, reason: error.message }, 'the second engine gave no advice');
    return own(`${error.message} This is what the desk knows by itself.`);
  }
}
