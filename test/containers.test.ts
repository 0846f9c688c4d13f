import { access, readFile } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { z } from 'zod';

const ROOT = new URL('../', import.meta.url);

const composeSchema = z.object({
  services: z.record(
    z.string(),
    z.looseObject({ image: z.string(), command: z.array(z.string()).optional(), depends_on: z.unknown().optional() }),
  ),
  volumes: z.record(z.string(), z.unknown()),
});

async function compose() {
  const text = await readFile(new URL('temporal-docker-compose.yml', ROOT), 'utf8');
  return composeSchema.parse(parse(text, { merge: true }));
}

// No container engine is needed for what a parser can tell.
describe('the container files', () => {
  test('bring PostgreSQL, Temporal with its UI, and the desk', async () => {
    const { services } = await compose();
    expect(Object.keys(services).sort()).toEqual(['api', 'postgres', 'prepare', 'temporal', 'temporal-ui', 'workers']);
  });

  test('start programs that are there', async () => {
    const { services } = await compose();
    const programs = Object.values(services).flatMap(({ command }) => command?.[1] ?? []);
    expect(programs.length).toBe(3);
    for (const program of programs) await expect(access(new URL(program, ROOT))).resolves.toBeUndefined();
  });

  test('wait only for services that exist', async () => {
    const { services } = await compose();
    const names = Object.values(services).flatMap((service) =>
      Array.isArray(service.depends_on) ? service.depends_on.map(String) : Object.keys(service.depends_on ?? {}),
    );
    for (const name of names) expect(Object.keys(services)).toContain(name);
  });
});
