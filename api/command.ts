/**
 * The name of a person's command, and the ids that follow from it: the same principal with the same `Idempotency-Key`
 * means the same command, also in a process that knows nothing of the first attempt.
 */
import { v5 as uuidOf, v7 as newId } from 'uuid';

/** The desk's own namespace for ids that are made from a request. */
const NAMESPACE = '0e6f6c3a-51d7-5b8e-8f0b-6a9d1f4c2e73';

export interface CommandName {
  /** Such as `cmd:0198…`. */
  id: string;
  /** The id of what the command brings along, such as its `message` or its `text`. */
  idFor(part: string): string;
}

/** Names the command of `principalId` under its idempotency key; without a key every request is a new command. */
export function nameCommand(principalId: string, key: string | null): CommandName {
  const id = `cmd:${key === null ? newId() : uuidOf(JSON.stringify([principalId, key]), NAMESPACE)}`;
  return { id, idFor: (part) => uuidOf(`${id}:${part}`, NAMESPACE) };
}
