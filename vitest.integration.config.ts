import { defineConfig } from 'vitest/config';

/** Tests against real servers and programs that this machine may have installed. What is missing is skipped, with the reason. */
export default defineConfig({
  test: {
    include: ['test/integration/**/*.test.ts'],
    pool: 'forks',
    // As in vitest.config.ts.
    retry: process.env.CI ? { count: 1, condition: /^(?!Property failed)/ } : 0,
    reporters: ['default', './test/fixtures/retried-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
