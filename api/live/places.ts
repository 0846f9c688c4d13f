/**
 * Places in the feed of events as they are given out: the `id` of an event of the stream, `eventId` in a frame. Signed, so
 * that nobody makes the desk go through all that ever happened; whoever has one may still see no more than he may.
 */
import type { FeedPlace } from '../../db/event-feed.ts';
import { DeskError } from '../../domain/errors.ts';
import type { Cursors, Position } from '../cursor.ts';

const SCOPE = ['events'];

export interface Places {
  /** The id of a place. */
  write(place: FeedPlace): string;
  /** The place of an id; throws `invalid_cursor` for one that is not ours. */
  read(id: string): FeedPlace;
}

/** Signs by `cursors`. */
export function createPlaces(cursors: Cursors): Places {
  return {
    write: (place) => cursors.sign(SCOPE, positionOf(place)),
    read(id) {
      try {
        return placeOf(cursors.read(SCOPE, id));
      } catch (error) {
        throw notOurs(error);
      }
    },
  };
}

/** The refusal of an id that does not, or no longer, name a place in the feed. */
export function notOurs(cause?: unknown): DeskError {
  const message = 'is not the id of an event of this desk; connect without it and read the lists again';
  return new DeskError('invalid_cursor', `The field "lastEventId" ${message}.`, {
    errors: [{ path: 'lastEventId', message }],
    cause,
  });
}

function positionOf({ seen, unfinished }: FeedPlace): Position {
  if (unfinished === null) return [seen];
  const { upTo, transaction, ticketId, sequence } = unfinished;
  return [seen, upTo, transaction, ticketId, `${sequence}`];
}

function placeOf([seen, upTo, transaction, ticketId, sequence]: Position): FeedPlace {
  if (seen === undefined) throw new Error('A signed place names no snapshot.');
  if (upTo === undefined || transaction === undefined || ticketId === undefined) return { seen, unfinished: null };
  return { seen, unfinished: { upTo, transaction, ticketId, sequence: Number(sequence) } };
}
