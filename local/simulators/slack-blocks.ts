/**
 * Block Kit, as far as a card needs it: the limits for which Slack refuses a message, and finding a button by its action.
 *
 * Checks the limits that a long customer text would break. Does not promise to know every block and element.
 */
import { z } from 'zod';

export type Element = z.infer<typeof elementSchema>;
const elementSchema = z.looseObject({
  type: z.string(),
  action_id: z.string().max(255).optional(),
  value: z.string().max(2000).optional(),
  text: z.looseObject({ type: z.string(), text: z.string() }).optional(),
});

const blockShape = z.looseObject({
  type: z.string(),
  block_id: z.string().max(255).optional(),
  text: z.looseObject({ type: z.string(), text: z.string().min(1).max(3000) }).optional(),
  fields: z
    .array(z.looseObject({ text: z.string().max(2000) }))
    .max(10)
    .optional(),
  elements: z.array(elementSchema).max(25).optional(),
  accessory: elementSchema.optional(),
  element: elementSchema.optional(),
});

const blockSchema = blockShape
  .refine((block) => block.type !== 'header' || (block.text?.text.length ?? 0) <= 150, 'a header holds 150 characters')
  .refine((block) => (block.elements ?? []).every(isNoLongButton), 'a button shows 75 characters')
  .refine((block) => block.type !== 'context' || (block.elements ?? []).length <= 10, 'a context holds 10 elements')
  .refine(hasOwnActionIds, 'action_ids have to differ within a block');

const blocksSchema = z.array(blockSchema).max(50);

export type Block = z.infer<typeof blockShape>;

/** Returns the blocks as Slack keeps them, each with a block_id, or a list of what Slack would not accept. */
export function readBlocks(input: unknown): { blocks: Block[] } | { wrong: string[] } {
  const parsed = blocksSchema.safeParse(input);
  if (!parsed.success) {
    const wrong = parsed.error.issues.map(({ path, message }) => `${message} [json-pointer:/blocks/${path.join('/')}]`);
    return { wrong };
  }
  return { blocks: parsed.data.map((block, index) => ({ ...block, block_id: block.block_id ?? `b${index}` })) };
}

/** Returns the interactive element with this action and the block that holds it. */
export function findElement(
  blocks: readonly Block[],
  actionId: string,
): { element: Element; block: Block } | undefined {
  for (const block of blocks) {
    const element = elementsOf(block).find((candidate) => candidate.action_id === actionId);
    if (element !== undefined) return { element, block };
  }
  return undefined;
}

function elementsOf(block: Block): Element[] {
  return [...(block.elements ?? []), block.accessory, block.element].filter((element) => element !== undefined);
}

function isNoLongButton(element: Element): boolean {
  return element.type !== 'button' || (element.text?.text.length ?? 0) <= 75;
}

function hasOwnActionIds(block: Block): boolean {
  const ids = (block.elements ?? []).map((element) => element.action_id).filter((id) => id !== undefined);
  return new Set(ids).size === ids.length;
}
