import { defineConfig } from 'vitest/config';
import { BaseSequencer, type TestSpecification } from 'vitest/node';

const isDesk = ({ moduleId }: TestSpecification) => /\/test\/(e2e|regressions)\/|\/api\/(matrix|outage)/.test(moduleId);

/** Whole desks first: they take longest, and mostly wait, so that the many quick files run beside them to the end. */
class DesksFirst extends BaseSequencer {
  override async sort(files: TestSpecification[]): Promise<TestSpecification[]> {
    const sorted = await super.sort(files);
    return [...sorted.filter(isDesk), ...sorted.filter((file) => !isDesk(file))];
  }
}

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    globalSetup: ['test/support/global-setup.ts'],
    // Four files at once: each brings up workers and simulators of its own on two cores, and mostly waits for them.
    maxWorkers: 4,
    // No file leaves anything behind in its process, and loading the SDK anew for each is a tenth of the time.
    isolate: false,
    sequence: { sequencer: DesksFirst },
    testTimeout: 60_000,
    hookTimeout: 60_000,
  },
});
