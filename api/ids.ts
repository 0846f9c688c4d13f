/** Ids in requests: whether the database would take a text as an id, so that a wrong one is "not found" and no error. */
const ID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Whether `text` is written as a UUID, of whatever version. */
export function isId(text: string): boolean {
  return ID.test(text);
}
