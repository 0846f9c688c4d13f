import { createHash, randomUUID } from 'node:crypto';
import { expect, test } from 'vitest';
import { WebSocket } from 'ws';
import { startDesk } from '../support/desk.ts';

test('a process that is told to stop does not wait for those who follow, and tells them', async () => {
  const desk = await startDesk(['api']);
  const [agentId, key] = [randomUUID(), `hf_${randomUUID()}`];
  await desk.pool.query(
    `insert into users (id, email, name, role, created_at) values ($1, 'follower@holdfast.test', 'Ada', 'agent', now())`,
    [agentId],
  );
  await desk.pool.query(
    `insert into api_keys (id, name, role, user_id, hash, created_at) values ($1, 'key', 'agent', $2, $3, now())`,
    [randomUUID(), agentId, createHash('sha256').update(key).digest('hex')],
  );
  const headers = { Authorization: `Bearer ${key}` };
  const socket = new WebSocket(`${desk.url.replace('http', 'ws')}/ws/agent/${agentId}`, { headers });
  const closed = Promise.withResolvers<number>();
  const opened = Promise.withResolvers<void>();
  socket.on('open', () => opened.resolve());
  socket.on('error', opened.reject);
  socket.on('close', closed.resolve);
  await opened.promise;
  const stream = await fetch(`${desk.url}/api/v1/events`, { headers });
  const told = stream.text();

  const started = performance.now();
  await desk.stop();

  expect(performance.now() - started).toBeLessThan(8_000);
  expect(await closed.promise).toBe(1001);
  expect(await told).toContain('The desk stops');
});
