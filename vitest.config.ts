import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: [
      'libs/*/src/**/*.test.ts',
      'apps/*/src/**/*.test.ts',
      'scripts/**/*.test.ts',
      'test/{laws,e2e,conformance,faults,browser}/**/*.test.ts',
    ],
    testTimeout: 180_000,
    hookTimeout: 240_000,
    // Two files at a time: each starts servers of its own, which mostly wait, and two cores are all there is to count on.
    maxWorkers: 2,
  },
});
