/**
 * Many followers of the desk in a process of their own: told whom to be, they connect; asked, they say how many milliseconds
 * after its recording began each frame came since they were asked before.
 */
import { once } from 'node:events';
import { WebSocket } from 'ws';
import { z } from 'zod';

const orderSchema = z.object({
  url: z.string(),
  followers: z.array(z.object({ agentId: z.string(), key: z.string() })),
});
/** What is read of a frame, because reading all of 10,000 frames a second would be most of what is measured. */
const AT = /"at":"([^"]+)"/;
/** How many connect at once. */
const AT_ONCE = 20;

const [first]: unknown[] = await once(process, 'message');
const { url, followers } = orderSchema.parse(first);
const late: number[] = [];
const line = followers.values();
const sockets: WebSocket[] = [];
await Promise.all(
  Array.from({ length: AT_ONCE }, async () => {
    for (const { agentId, key } of line) sockets.push(await follow(agentId, key));
  }),
);
process.send?.({ connected: sockets.length });
process.on('message', () => process.send?.({ late: late.splice(0).sort((a, b) => a - b) }));
process.on('disconnect', () => sockets.forEach((socket) => socket.terminate()));

async function follow(agentId: string, key: string): Promise<WebSocket> {
  const socket = new WebSocket(`${url}/ws/agent/${agentId}`, { headers: { Authorization: `Bearer ${key}` } });
  socket.on('message', (data: Buffer) => {
    const [, at = ''] = AT.exec(data.toString('latin1', 0, 80)) ?? [];
    late.push(Date.now() - Date.parse(at));
  });
  await once(socket, 'open');
  return socket;
}
