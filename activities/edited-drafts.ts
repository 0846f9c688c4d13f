/** How much of a draft was edited before it went out: measured when it is decided, while its words are at hand. */
import type { Pool } from 'pg';
import { editDistance } from '../domain/edit-distance.ts';
import type { Projection } from './projection.ts';

/** Puts the edit distance into each of `drafts` that was edited; one whose words were erased goes without. */
export async function measureEdits(pool: Pool, drafts: Projection['decidedDrafts']): Promise<void> {
  for (const draft of drafts) {
    if (draft.editedTextId === null) continue;
    const { rows } = await pool.query<{ proposed: string; edited: string }>({
      name: 'edited-draft',
      text: `select t.body as proposed, e.body as edited
             from drafts d join texts t on t.id = d.text_id join texts e on e.id = $2 where d.id = $1`,
      values: [draft.id, draft.editedTextId],
    });
    const [words] = rows;
    if (words !== undefined) draft.editDistance = editDistance(words.proposed, words.edited);
  }
}
