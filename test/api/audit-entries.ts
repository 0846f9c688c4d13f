/** Entries of the audit log, as the API shows them. */
import type { TestApi } from './support.ts';

export interface Entry {
  id: string;
  at: string;
  actor: { kind: string; id: string | null; name: string | null };
  requestId: string | null;
  action: string;
  target: { kind: string; id: string | null };
  changes: { field: string; before: unknown; after: unknown; hidden: boolean }[];
  details: Record<string, unknown>;
}

/** The newest entries that fit, 100 at most; throws when the API refuses. */
export async function entriesOf(api: TestApi, key: string, filters: Record<string, string>): Promise<Entry[]> {
  const query = new URLSearchParams({ limit: '100', ...filters }).toString();
  const { status, body } = await api.ask('GET', `/api/v1/audit?${query}`, { key });
  if (status !== 200) throw new Error(JSON.stringify(body));
  return body.items;
}
