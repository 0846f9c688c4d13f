/**
 * Triage and drafts. The model is asked first; of a draft then the second engine; the keyword heuristic takes over when
 * they are down, slow, refused or not configured, and the answer says which engine it was.
 *
 * Safe to run twice: an answer is stored under its effect before it is given, and a second run gives the stored one. Another
 * draft of the same message is an effect of its own, so it is never the stored one; an engine may use the same words again. A
 * model call that a dying worker cut off is asked again; it only reads, so the worst of it is its price.
 */
import type { Pool } from 'pg';
import type { Logger } from 'pino';
import { v7 as newId } from 'uuid';
import { policyFor, type SettingsReader, typeFactsFor } from '../db/settings.ts';
import type { PolicyFacts, SlaPolicy } from '../domain/sla-policy.ts';
import { supportTypeFor } from '../domain/support-type.ts';
import { type Engine, policyFactsOf, type Ticket, type Triage, type TypeFacts } from '../domain/ticket.ts';
import type { Assistant, Conversation, Drafter } from '../integrations/assistant.ts';
import { counts } from '../integrations/counts.ts';
import { withoutForeignLinks } from '../integrations/draft-links.ts';
import { heuristic } from '../integrations/heuristic.ts';

export interface AiActivities {
  triage(asked: AskedOfAi): Promise<Triaged>;
  draft(asked: AskedForDraft): Promise<ProposedDraft>;
}

interface AskedOfAi {
  ticketId: string;
  effectId: string;
  /** Only told in the log. */
  requestId: string;
  messageId: string;
}

interface AskedForDraft extends AskedOfAi {
  /**
   * The id that the draft will have, where a person asked for it: the conversation may have gone on since the message, and is
   * read as it stands.
   */
  draftId?: string;
}

interface Triaged {
  triage: Triage;
  /** What it leads to, chosen for `facts`. */
  supportType: TypeFacts | null;
  policy: SlaPolicy;
  facts: PolicyFacts;
}

interface ProposedDraft {
  draftId: string;
  textId: string;
  engine: Engine;
  confidence: number;
}

/** What each task of an engine comes back as. */
interface Answers {
  triage: Triage;
  draft: ProposedDraft;
}

interface Loaded<T> {
  answer: T | null;
  conversation: Conversation;
  state: Ticket;
}

/** After this long the heuristic answers in the model's place. */
const PATIENCE_MS = { triage: 10_000, draft: 30_000 } as const;

/** How many messages of a ticket an engine is shown. */
const SHOWN_MESSAGES = 20;

export interface AiDeps {
  pool: Pool;
  logger: Logger;
  settings: SettingsReader;
  /** Undefined when no model is configured. */
  model: Assistant | undefined;
  /** Who drafts when the model does not; undefined when there is no second engine. */
  second?: Drafter | undefined;
  /** Cancelled when the ticket no longer wants the answer. */
  cancelled: () => AbortSignal;
}

/** The AI activities; without a model, and a second engine for drafts, everything is left to the heuristic. */
export function createAiActivities(deps: AiDeps): AiActivities {
  return {
    async triage(asked) {
      const { answer, conversation, state } = await load(deps.pool, 'triage', asked);
      if (answer !== null) return leadingTo(deps, state, answer);
      const { summary, ...facts } = await ask(deps, 'triage', [deps.model], (engine, signal) =>
        engine.triage(conversation, signal),
      );
      const summaryTextId = newId();
      const text = { id: summaryTextId, body: summary };
      return leadingTo(deps, state, await store(deps.pool, 'triage', asked, { ...facts, summaryTextId }, text));
    },
    async draft(asked) {
      const { answer, conversation } = await load(deps.pool, 'draft', asked);
      if (answer !== null) return answer;
      const { body, ...facts } = await ask(deps, 'draft', [deps.model, deps.second], (engine, signal) =>
        engine.draft(conversation, signal),
      );
      const draft = { draftId: asked.draftId ?? newId(), textId: newId(), ...facts };
      const text = { id: draft.textId, body: withoutForeignLinks(body, conversation) };
      return store(deps.pool, 'draft', asked, draft, text);
    },
  };
}

/** The type that the category leads to where nobody chose one, and the policy for what the ticket will be then. */
async function leadingTo({ settings }: AiDeps, state: Ticket, triage: Triage): Promise<Triaged> {
  const current = await settings.read();
  const typeId = state.supportType?.id ?? supportTypeFor(triage.category, current.types)?.id ?? null;
  const facts: PolicyFacts = {
    ...policyFactsOf(state),
    supportType: typeId,
    priority: state.priorityChosen ? state.priority : triage.priority,
    severity: state.severityChosen ? state.severity : triage.severity,
  };
  return { triage, supportType: typeFactsFor(current, typeId), policy: policyFor(current, facts), facts };
}

async function ask<K extends keyof Assistant, T extends { engine: Engine }>(
  deps: AiDeps,
  task: K,
  engines: readonly (Pick<Assistant, K> | undefined)[],
  call: (engine: Pick<Assistant, K>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const answer = await askInTurn(deps, task, engines, call);
  counts().aiAnswers.add(1, { task, engine: answer.engine });
  return answer;
}

async function askInTurn<K extends keyof Assistant, T>(
  { logger, cancelled }: AiDeps,
  task: K,
  engines: readonly (Pick<Assistant, K> | undefined)[],
  call: (engine: Pick<Assistant, K>, signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const cancellation = cancelled();
  for (const engine of engines) {
    if (engine === undefined) continue;
    try {
      return await call(engine, AbortSignal.any([cancellation, AbortSignal.timeout(PATIENCE_MS[task])]));
    } catch (error) {
      cancellation.throwIfAborted();
      // Its message may quote the customer's words, so only its kind is told.
      const kind = error instanceof Error ? error.constructor.name : 'unknown';
      logger.warn({ task, kind }, 'the model gave no answer');
    }
  }
  return call(heuristic, cancellation);
}

function keyOf(kind: keyof Answers, asked: AskedOfAi): string {
  return `${kind}:${asked.ticketId}:${asked.effectId}`;
}

/** Keeps the first answer under its key, with its text; two runs at once agree on whichever was first. */
async function store<K extends keyof Answers>(
  pool: Pool,
  kind: K,
  asked: AskedOfAi,
  answer: Answers[K],
  text: { id: string; body: string },
): Promise<Answers[K]> {
  const { rows } = await pool.query<{ answer: Answers[K] }>({
    name: 'ai-store',
    text: `with kept as (
             insert into ai_answers (key, answer) values ($1, $2) on conflict (key) do nothing returning answer
           ), words as (
             insert into texts (id, body) select $3, $4 from kept
           )
           select answer from kept`,
    // An engine can be had to write what PostgreSQL does not keep.
    values: [keyOf(kind, asked), JSON.stringify(answer), text.id, text.body.replaceAll('\u0000', '\uFFFD')],
  });
  return rows[0]?.answer ?? (await load(pool, kind, asked)).answer ?? answer;
}

/**
 * The answer that an earlier run stored, or null, and the conversation: up to the message that is asked about, or, where a
 * person asked, as it stands.
 */
async function load<K extends keyof Answers>(pool: Pool, kind: K, asked: AskedForDraft): Promise<Loaded<Answers[K]>> {
  const { rows } = await pool.query<{
    answer: Answers[K] | null;
    subject: string;
    state: Ticket;
    direction: string;
    body: string;
  }>({
    name: 'ai-load',
    text: `select a.answer, k.subject, k.state, m.direction, t.body
           from messages m join texts t on t.id = m.text_id join tickets k on k.id = m.ticket_id
                left join ai_answers a on a.key = $3
           where m.ticket_id = $1 and m.direction <> 'internal' and m.state <> 'undone'
                 and ($4 or m.created_at <= (select created_at from messages where id = $2))
           order by m.created_at desc, m.id desc limit ${SHOWN_MESSAGES}`,
    values: [asked.ticketId, asked.messageId, keyOf(kind, asked), asked.draftId !== undefined],
  });
  const messages = rows.toReversed().map(({ direction, body }) => ({
    from: direction === 'inbound' ? ('customer' as const) : ('desk' as const),
    body,
  }));
  const [newest] = rows;
  if (newest === undefined)
    throw new Error(`Ticket ${asked.ticketId} has no message to read; was the database replaced?`);
  return { answer: newest.answer, conversation: { subject: newest.subject, messages }, state: newest.state };
}
