import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Four files at once: each brings up workers and simulators of its own on two cores, and mostly waits for them.
    maxWorkers: 4,
    // No file leaves anything behind in its process, and loading the SDK anew for each is a tenth of the time.
    isolate: false,
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
