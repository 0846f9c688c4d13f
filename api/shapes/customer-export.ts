/** What is kept of a customer, given out as a whole; and what an erasure answers. */
import { z } from 'zod';
import { MESSAGE_DIRECTIONS, MESSAGE_STATES } from '../../db/entities/message.ts';
import { instantSchema } from './instant.ts';
import { orNull } from './or-null.ts';

const fileSchema = z.object({ id: z.uuid(), name: z.string(), type: z.string().nullable(), size: z.number() });

const messageSchema = z
  .object({
    id: z.uuid(),
    direction: z.enum(MESSAGE_DIRECTIONS),
    authorKind: z.string(),
    state: z.enum(MESSAGE_STATES),
    subject: z.string().nullable(),
    body: z.string(),
    html: z.string().nullable().meta({ description: 'As it came, and not sanitised: never show it as HTML.' }),
    failureReason: z.string().nullable(),
    createdAt: instantSchema,
    sentAt: instantSchema.nullable(),
    attachments: z.array(fileSchema),
  })
  .meta({ id: 'ExportedMessage' });

const ticketSchema = z
  .object({
    id: z.uuid(),
    reference: z.string(),
    subject: z.string(),
    status: z.string(),
    priority: z.string(),
    channel: z.string(),
    supportType: z.string().nullable(),
    tags: z.array(z.string()),
    customFields: z.record(z.string(), z.unknown()),
    triage: orNull(z.record(z.string(), z.unknown())),
    conversationId: z.string().nullable(),
    createdAt: instantSchema,
    updatedAt: instantSchema,
    messages: z.array(messageSchema).meta({ description: 'Notes of the desk included: their direction is internal.' }),
    drafts: z.array(
      z.object({
        id: z.uuid(),
        state: z.string(),
        engine: z.string(),
        body: z.string(),
        editedBody: z.string().nullable(),
        createdAt: instantSchema,
      }),
    ),
  })
  .meta({ id: 'ExportedTicket' });

export const customerExportSchema = z
  .object({
    exportedAt: instantSchema,
    customer: z.object({
      id: z.uuid(),
      email: z.string(),
      name: z.string().nullable(),
      tier: z.string().nullable(),
      organisation: z.object({ id: z.uuid(), name: z.string() }).nullable(),
      createdAt: instantSchema,
      updatedAt: instantSchema,
    }),
    logins: z.array(
      z.object({
        id: z.uuid(),
        email: z.string(),
        name: z.string(),
        createdAt: instantSchema,
        disabledAt: instantSchema.nullable(),
        sessions: z.array(
          z.object({ createdAt: instantSchema, lastUsedAt: instantSchema, endedAt: instantSchema.nullable() }),
        ),
      }),
    ),
    tickets: z.array(ticketSchema),
    messagesElsewhere: z.array(messageSchema).meta({ description: 'His own, on the tickets of others.' }),
    otherTexts: z
      .array(
        z.object({
          id: z.uuid(),
          subject: z.string().nullable(),
          body: z.string(),
          html: z.string().nullable(),
          createdAt: instantSchema,
        }),
      )
      .meta({ description: 'Summaries, reasons, and subjects and custom fields as they were before.' }),
    advice: z
      .array(z.object({ askedAt: instantSchema, answer: z.unknown() }))
      .meta({ description: 'What an engine said of him lately.' }),
    inbox: z
      .array(
        z.object({
          id: z.string(),
          source: z.string(),
          kind: z.string(),
          status: z.string(),
          body: z.string(),
          receivedAt: instantSchema,
        }),
      )
      .meta({ description: 'What arrived from him or about him, as it arrived.' }),
    nextCursor: z.string().nullable().meta({
      description: 'Where there are more tickets than one answer holds; what belongs to none is on the first.',
    }),
  })
  .meta({ id: 'CustomerExport' });

export type CustomerExport = z.infer<typeof customerExportSchema>;

export const erasureSchema = z
  .object({
    id: z.uuid(),
    erasedAt: instantSchema.meta({ description: 'When it was done first.' }),
    erased: z.object({
      tickets: z.int(),
      messages: z.int(),
      texts: z.int(),
      inboxRows: z.int(),
      files: z.int(),
    }),
    keptElsewhere: z
      .array(z.object({ where: z.string(), what: z.string() }))
      .meta({ description: 'What the desk cannot take back; ask there.' }),
  })
  .meta({ id: 'Erasure' });
