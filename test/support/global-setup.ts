/** Starts what every test stands on, once for a run, and tells the tests where it is. */
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import type { TestProject } from 'vitest/node';
import { z } from 'zod';

declare module 'vitest' {
  export interface ProvidedContext {
    postgresUrl: string;
    temporalAddress: string;
    temporalBinary: string;
    workflowBundle: string;
    /** Whether load is as heavy as was promised, and not a part of it: see `docs/testing.md`. */
    asPromised: boolean;
  }
}

const serversSchema = z.object({
  postgresUrl: z.string(),
  temporalAddress: z.string(),
  temporalBinary: z.string(),
  workflowBundle: z.string(),
});

/** Starts the servers' process and answers how to end it. */
export default async function setup(project: TestProject): Promise<() => Promise<void>> {
  const child = fork(fileURLToPath(new URL('servers.ts', import.meta.url)));
  const exited = once(child, 'exit');
  const first: unknown[] = await Promise.race([once(child, 'message'), exited]);
  const servers = serversSchema.safeParse(first[0]);
  if (!servers.success) throw new Error('The servers for the tests did not come up; what they printed above says why.');
  project.provide('postgresUrl', servers.data.postgresUrl);
  project.provide('temporalAddress', servers.data.temporalAddress);
  project.provide('temporalBinary', servers.data.temporalBinary);
  project.provide('workflowBundle', servers.data.workflowBundle);
  project.provide('asPromised', project.vite.config.mode === 'promised');
  return async () => {
    child.disconnect();
    await exited;
  };
}
