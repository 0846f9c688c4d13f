/** Support types as the API shows and takes them. */
import { z } from 'zod';
import type { SupportType } from '../../db/entities/support-type.ts';
import { ASSIGNMENT_MODES } from '../../domain/assignment.ts';
import { AUTONOMIES, FIELD_KINDS, type FormField } from '../../domain/support-type.ts';
import { CATEGORIES } from '../../domain/ticket.ts';
import { tagsSchema } from '../ticket-facts.ts';
import { instantSchema } from './instant.ts';
import { settingId } from './setting-id.ts';
import { skillsSchema } from './skills.ts';
import { words } from './text.ts';

export const MOST_TYPES = 200;

function distinct<S extends z.ZodType>(value: S, most: number) {
  return z
    .array(value)
    .max(most)
    .refine((values) => new Set(values).size === values.length, { error: 'must hold each one once' });
}

const fieldSchema = z
  .strictObject({
    key: z.string().regex(/^[a-z][A-Za-z0-9]{0,39}$/, { error: 'must be letters and digits, such as orderNumber' }),
    label: words(120),
    kind: z.enum(FIELD_KINDS),
    required: z.boolean(),
    options: distinct(words(80), 100).optional(),
  })
  .superRefine(({ kind, options = [] }, context) => {
    const message =
      kind === 'choice'
        ? options.length === 0 && 'must name what may be chosen'
        : options.length > 0 && `belongs to a choice, and this is a ${kind}; leave it out`;
    if (message !== false) context.addIssue({ code: 'custom', path: ['options'], message });
  })
  .transform(({ options, ...field }): FormField => ({ ...field, ...(options && { options }) }));

const fields = {
  name: words(120),
  description: words(500),
  category: z.enum(CATEGORIES),
  form: z
    .array(fieldSchema)
    .max(50)
    .refine((form) => new Set(form.map(({ key }) => key)).size === form.length, { error: 'must use each key once' }),
  resolutionReasons: distinct(words(200), 50),
  reasonRequired: z.boolean(),
  assignmentMode: z.enum(ASSIGNMENT_MODES),
  teamId: settingId.nullable().meta({ description: 'Null: any team.' }),
  policyId: settingId.nullable().meta({ description: 'Null: whichever policy fits the ticket.' }),
  autonomy: z.enum(AUTONOMIES).refine((autonomy) => autonomy !== 'auto_reply', {
    error: '"auto_reply" stays locked until the measured acceptance of its category allows it; give "suggest" or "off"',
  }),
  tags: tagsSchema,
  skills: skillsSchema.meta({ description: 'The least level of each, from 1 to 5; asked for in mode skills.' }),
  autoCloseDays: z.int().min(1).max(365).meta({ description: 'Days from resolved to closed.' }),
  active: z.boolean().meta({ description: 'Whether tickets may still get it.' }),
  position: z
    .int()
    .min(1)
    .max(MOST_TYPES)
    .meta({ description: 'Of several types of a category, triage leads to the first.' }),
};

export const supportTypeChangeSchema = z.strictObject(fields).partial();
export const newSupportTypeSchema = supportTypeChangeSchema.extend({
  id: settingId.optional(),
  name: fields.name,
  category: fields.category,
});

export const supportTypeSchema = z
  .object({
    id: z.string(),
    ...fields,
    description: z.string(),
    form: z.array(
      z.object({
        key: z.string(),
        label: z.string(),
        kind: z.enum(FIELD_KINDS),
        required: z.boolean(),
        options: z.array(z.string()).optional(),
      }),
    ),
    autonomy: z.enum(AUTONOMIES),
    tags: z.array(z.string()),
    createdAt: instantSchema,
    updatedAt: instantSchema,
  })
  .meta({ id: 'SupportType' });

/** A support type as JSON. */
export function supportTypeJson(row: SupportType): z.infer<typeof supportTypeSchema> {
  const { form, resolutionReasons, tags, skills, ...body } = row.body;
  return {
    ...body,
    form: form.map(({ options, ...field }) => ({ ...field, ...(options && { options: [...options] }) })),
    resolutionReasons: [...resolutionReasons],
    tags: [...tags],
    skills: { ...skills },
    active: row.active,
    position: row.position,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  };
}
