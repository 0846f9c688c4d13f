/**
 * Histories as JSON and back. The SDK's own pair needs one copy of protobufjs for all of its packages, which npm does not
 * promise; this is protobufjs' plain object form.
 */
import proto from '@temporalio/proto';

const { History } = proto.temporal.api.history.v1;
type History = ReturnType<typeof History.fromObject>;

/** The history as JSON text. */
export function historyToJson(history: proto.temporal.api.history.v1.IHistory): string {
  const plain = History.toObject(History.fromObject(history), { longs: String, enums: String, bytes: String });
  return `${JSON.stringify(plain, null, 1)}\n`;
}

/** The history of such a text. */
export function historyFromJson(text: string): History {
  return History.fromObject(JSON.parse(text));
}
