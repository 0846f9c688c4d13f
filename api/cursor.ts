/**
 * Cursors: where a list goes on, opaque and signed. A cursor holds for the list, sort and filters that it was made for.
 *
 * Does not promise secrecy: the position can be read by whoever decodes it, only not changed.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { z } from 'zod';
import { DeskError } from '../domain/errors.ts';

/** The sort keys of the last item shown. */
export type Position = string[];

export interface Cursors {
  /** Signs a position in the list that `scope` (its name, sort and filters) describes. */
  sign(scope: unknown, position: Position): string;
  /** Reads a cursor back; throws `invalid_cursor` when it is not ours or belongs to another list. */
  read(scope: unknown, cursor: string): Position;
}

const positionSchema = z.array(z.string());

/** Signs with `secret`. */
export function createCursors(secret: string): Cursors {
  function signatureOf(scope: unknown, payload: string): string {
    return createHmac('sha256', secret)
      .update(`cursor\n${JSON.stringify(scope)}\n${payload}`)
      .digest('base64url');
  }
  return {
    sign(scope, position) {
      const payload = Buffer.from(JSON.stringify(position)).toString('base64url');
      return `${payload}.${signatureOf(scope, payload)}`;
    },
    read(scope, cursor) {
      const [payload = '', signature = ''] = cursor.split('.');
      const expected = Buffer.from(`${payload}.${signatureOf(scope, payload)}`);
      const given = Buffer.from(cursor);
      if (signature === '' || given.length !== expected.length || !timingSafeEqual(given, expected)) throw refusal();
      return positionSchema.parse(JSON.parse(Buffer.from(payload, 'base64url').toString()));
    },
  };
}

function refusal(): DeskError {
  const detail =
    'The field "cursor" is not the nextCursor of this list with this sort and these filters; begin again without it.';
  return new DeskError('invalid_cursor', detail, { errors: [{ path: 'cursor', message: 'is not one of ours' }] });
}
