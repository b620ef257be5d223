/**
 * Two projects: `unit` (no server, milliseconds each) and `integration` (real servers through
 * @windlass/testkit). `vitest run <path>` runs what lies under a path, of either.
 */
import { defineConfig } from 'vitest/config';

const excluded = [
  '**/node_modules/**',
  '**/dist/**',
  '**/.windlass/**',
  '**/.nx/**',
  'tools/check/fixtures/**',
];

export default defineConfig({
  test: {
    // One per core of the smallest machine that this is meant for.
    maxWorkers: 2,
    // Servers stop within their deadlines; the run must not be cut off before.
    teardownTimeout: 60_000,
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...excluded, '**/*.integration.test.ts'],
          // Files share a process, and so the modules that are loaded already: that saves more than half
          // of the work. A test that changes something of the process puts it back.
          isolate: false,
          // None takes 5 s on a quiet machine; one that does other things besides is no failure.
          testTimeout: 30_000,
          hookTimeout: 30_000,
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          exclude: excluded,
          globalSetup: ['libs/testkit/src/vitest-setup.ts'],
          // The first test that wants a control plane waits for its start.
          testTimeout: 60_000,
          hookTimeout: 90_000,
        },
      },
    ],
  },
});
