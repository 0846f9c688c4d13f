/** The two ways to follow the desk, as the documentation tells of them; the work is in ../live.ts. */
import { z } from 'zod';
import { nothing, type RouteDescription } from '../route.ts';
import { frameSchema } from '../shapes/frame.ts';

/** A place is a snapshot of PostgreSQL, which grows with what is under way at the time. */
const lastEventId = z.string().max(8_000).optional();

export const followQuery = z.strictObject({
  lastEventId: lastEventId.meta({
    description:
      'Go on after this event, with what was missed; the header `Last-Event-ID` says it too, and counts more.',
  }),
});
export const socketQuery = z.strictObject({
  lastEventId: lastEventId.meta({ description: 'Go on after the event of this `eventId`, with what was missed.' }),
});
export const socketParams = z.strictObject({
  agentId: z.string().max(60).meta({ description: "Your own id; whoever may read the workload may name anybody's." }),
});

export const eventStream: RouteDescription = {
  method: 'get',
  path: '/api/v1/events',
  permission: 'live:follow',
  summary: 'Follow what happens to the tickets that you see, as server-sent events',
  params: nothing,
  query: followQuery,
  body: nothing,
  answer: {
    status: 200,
    description:
      'A stream that does not end by itself. `event` is the type of the frame, `data` the frame as JSON (LiveFrame), `id` ' +
      'where to go on. It ends with the session; whoever reads too slowly is told so by a comment and comes back.',
    schema: z.string(),
    type: 'text/event-stream',
  },
  errors: ['invalid_cursor', 'too_many_requests'],
};

export const agentSocket: RouteDescription = {
  method: 'get',
  path: '/ws/agent/{agentId}',
  permission: 'live:follow',
  summary: 'Follow what happens to the tickets that you see, over a WebSocket',
  params: socketParams,
  query: socketQuery,
  body: nothing,
  answer: {
    status: 101,
    description:
      'A WebSocket whose every message is a frame. A browser, which can set no header, gives its token as a subprotocol: ' +
      '`new WebSocket(url, ["bearer", token])`. Closed with 4401 at the end of the session, 4408 when frames are not read in ' +
      'time, 1001 when the desk stops, 1008 when anything is sent; go on with `lastEventId`.',
    schema: frameSchema,
  },
  errors: ['upgrade_required', 'invalid_cursor', 'not_found', 'too_many_requests'],
};
