/** Makes sure that Temporal knows the desk's search attributes. Safe to run at every start. */
import type { Connection } from '@temporalio/client';
// A CommonJS package whose names Node cannot see, so it is imported whole.
import proto from '@temporalio/proto';
import { SEARCH_ATTRIBUTES } from '../workflows/ticket-messages.ts';

const TYPES = {
  KEYWORD: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_KEYWORD,
  DATETIME: proto.temporal.api.enums.v1.IndexedValueType.INDEXED_VALUE_TYPE_DATETIME,
};

/** Registers what the namespace still lacks; throws when Temporal does not answer. */
export async function ensureSearchAttributes(connection: Connection, namespace: string): Promise<void> {
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace });
  const missing = Object.values(SEARCH_ATTRIBUTES).filter((key) => !(key.name in (customAttributes ?? {})));
  if (missing.length === 0) return;
  const searchAttributes = Object.fromEntries(missing.map((key) => [key.name, TYPES[key.type]]));
  await connection.operatorService.addSearchAttributes({ namespace, searchAttributes });
}
