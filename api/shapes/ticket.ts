/** The ticket as the API shows it. Fields of parts that do not exist yet are there, and empty, so that readers need not change. */
import { z } from 'zod';
import { type Clock, clockState, isAtRisk, remaining } from '../../domain/clock.ts';
import { type Link, LINKS } from '../../domain/person-commands.ts';
import { type SlaPolicy, TARGETS } from '../../domain/sla-policy.ts';
import { STATUSES } from '../../domain/status.ts';
import {
  CATEGORIES,
  CHANNELS,
  ENGINES,
  PRIORITIES,
  referenceOf,
  SENTIMENTS,
  SEVERITIES,
  type Ticket,
} from '../../domain/ticket.ts';
import { ticketWorkflowId } from '../../workflows/ticket-messages.ts';
import type { Viewer } from '../../domain/scope.ts';
import type { WorkflowLinks } from '../services.ts';
import { instant, instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';
import { organisationNameSchema } from './organisation.ts';

export const clockSchema = z
  .object({
    state: z.enum(['running', 'paused', 'fulfilled', 'breached']),
    dueAt: instantSchema.nullable().meta({ description: 'Null while paused.' }),
    remainingSeconds: z.int().meta({ description: 'Below zero once it is late.' }),
    atRisk: z.boolean(),
  })
  .meta({ id: 'Clock' });

export const ticketSchema = z
  .object({
    id: z.uuid(),
    reference: z.string().meta({ example: 'T-1234' }),
    subject: z.string(),
    status: z.enum(STATUSES),
    priority: z.enum(PRIORITIES),
    severity: z.enum(SEVERITIES).nullable(),
    category: z.enum(CATEGORIES).nullable(),
    channel: z.enum(CHANNELS),
    supportType: z.string().nullable().meta({ example: 'lost-parcel' }),
    tags: z.array(z.string()),
    customFields: z.record(z.string(), z.unknown()),
    requester: z.object({ id: z.uuid(), name: z.string().nullable(), email: z.string() }),
    organisation: orNull(organisationNameSchema),
    assignee: z.object({ id: z.uuid(), name: z.string() }).nullable(),
    team: z.string().nullable().meta({ example: 'billing' }),
    version: z.int(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    firstResponseAt: instantSchema.nullable(),
    resolvedAt: instantSchema.nullable(),
    closedAt: instantSchema.nullable(),
    snoozed: z.boolean(),
    snoozedUntil: instantSchema.nullable().meta({ description: 'Null while snoozed: until the next message.' }),
    mergedInto: z.object({ id: z.uuid(), reference: z.string() }).nullable(),
    escalation: z
      .object({
        target: z.enum(TARGETS),
        dueAt: instantSchema,
        step: z.int().meta({ description: 'How many steps of the ladder were taken.' }),
        nextAt: instantSchema.nullable(),
        acknowledged: z.boolean(),
      })
      .nullable(),
    links: z.array(z.object({ id: z.uuid(), reference: z.string(), kind: z.enum(LINKS) })),
    sla: z.object({
      firstResponse: orNull(clockSchema),
      nextResponse: orNull(clockSchema),
      resolution: orNull(clockSchema),
    }),
    triage: z
      .object({
        category: z.enum(CATEGORIES),
        severity: z.enum(SEVERITIES),
        priority: z.enum(PRIORITIES),
        sentiment: z.enum(SENTIMENTS),
        language: z.string(),
        summary: z.string().nullable(),
        confidence: z.number(),
        engine: z.enum(ENGINES),
      })
      .nullable(),
    externalReferences: z.array(z.object({ source: z.string(), id: z.string(), url: z.string() })),
    workflow: orNull(z.object({ workflowId: z.string(), url: z.string() })),
  })
  .meta({ id: 'Ticket' });

export type TicketJson = z.infer<typeof ticketSchema>;

/** What the database has of a ticket; instants in milliseconds since 1970. */
export interface TicketRow {
  id: string;
  version: number;
  subject: string;
  state: Ticket;
  createdAt: number;
  updatedAt: number;
  requesterId: string;
  requesterName: string | null;
  requesterEmail: string;
  organisationId: string | null;
  organisationName: string | null;
  assigneeId: string | null;
  assigneeName: string | null;
  summary: string | null;
  customFields: Record<string, unknown>;
  links: { id: string; number: number; kind: Link }[];
  /** The exact creation time in PostgreSQL's words, for cursors. */
  position: string;
}

/** The `ETag` of a ticket. */
export function etagOf(ticket: { version: number }): string {
  return `"${ticket.version}"`;
}

/** The page of Temporal's UI that shows a workflow. */
export function workflowUrl(workflowId: string, { uiUrl, namespace }: WorkflowLinks): string {
  return `${uiUrl.replace(/\/+$/, '')}/namespaces/${encodeURIComponent(namespace)}/workflows/${workflowId}`;
}

/**
 * A ticket as JSON for `viewer` at the instant `now` (milliseconds since 1970); for a customer without what only the desk
 * sees: those fields are empty.
 */
export function ticketJson(row: TicketRow, viewer: Viewer, links: WorkflowLinks, now: number): TicketJson {
  const whole = wholeTicket(row, links, now);
  return viewer.customerId === null ? whole : { ...whole, ...HIDDEN_FROM_CUSTOMERS };
}

const HIDDEN_FROM_CUSTOMERS = {
  severity: null,
  category: null,
  tags: [],
  team: null,
  snoozed: false,
  snoozedUntil: null,
  mergedInto: null,
  escalation: null,
  links: [],
  sla: { firstResponse: null, nextResponse: null, resolution: null },
  triage: null,
  externalReferences: [],
  workflow: null,
} satisfies Partial<TicketJson>;

/** A ticket as JSON with all that the desk knows of it, at the instant `now` (milliseconds since 1970). */
export function wholeTicket(row: TicketRow, links: WorkflowLinks, now: number): TicketJson {
  const { state } = row;
  const { triage } = state;
  const workflowId = ticketWorkflowId(row.id);
  return {
    id: row.id,
    reference: referenceOf(state),
    subject: row.subject,
    status: state.status,
    priority: state.priority,
    severity: state.severity,
    category: triage?.category ?? null,
    channel: state.channel,
    supportType: state.supportType?.id ?? null,
    tags: state.tags,
    customFields: row.customFields,
    requester: { id: row.requesterId, name: row.requesterName, email: row.requesterEmail },
    organisation: row.organisationId === null ? null : { id: row.organisationId, name: row.organisationName ?? '' },
    assignee: row.assigneeId === null ? null : { id: row.assigneeId, name: row.assigneeName ?? '' },
    team: state.teamId,
    version: row.version,
    createdAt: instant(row.createdAt),
    updatedAt: instant(row.updatedAt),
    firstResponseAt: instant(state.firstResponseAt),
    resolvedAt: instant(state.resolvedAt),
    closedAt: instant(state.closedAt),
    snoozed: state.snoozed !== null,
    snoozedUntil: instant(state.snoozed?.until ?? null),
    mergedInto: state.merged && { id: state.merged.into, reference: referenceOf({ number: state.merged.intoNumber }) },
    escalation: state.escalation && {
      target: state.escalation.target,
      dueAt: instant(state.escalation.dueAt),
      step: state.escalation.step,
      nextAt: instant(state.escalation.nextAt),
      acknowledged: state.escalation.acknowledgedBy !== null,
    },
    links: row.links.map(({ id, number, kind }) => ({ id, reference: referenceOf({ number }), kind })),
    sla: {
      firstResponse: clockJson(state.clocks.firstResponse, state.policy, now),
      nextResponse: clockJson(state.clocks.nextResponse, state.policy, now),
      resolution: clockJson(state.clocks.resolution, state.policy, now),
    },
    triage: triage && triageJson(triage, row.summary),
    externalReferences: referencesOf(state),
    workflow: { workflowId, url: workflowUrl(workflowId, links) },
  };
}

/** A clock as JSON at the instant `now` (milliseconds since 1970); null where there is none. */
export function clockJson(
  clock: Clock | null,
  policy: SlaPolicy | null,
  now: number,
): z.infer<typeof clockSchema> | null {
  if (clock === null || policy === null) return null;
  return {
    state: clockState(clock),
    dueAt: instant(clock.dueAt),
    remainingSeconds: Math.round(remaining(clock, policy, clock.fulfilledAt ?? now) / 1000),
    atRisk: isAtRisk(clock, now),
  };
}

function triageJson(triage: NonNullable<Ticket['triage']>, summary: string | null): TicketJson['triage'] {
  const { category, severity, priority, sentiment, language, confidence, engine } = triage;
  return { category, severity, priority, sentiment, language, summary, confidence, engine };
}

function referencesOf({ channel, conversationId }: Ticket): TicketJson['externalReferences'] {
  if (channel !== 'front' || conversationId === null) return [];
  const url = `https://app.frontapp.com/open/${encodeURIComponent(conversationId)}`;
  return [{ source: 'front', id: conversationId, url }];
}
