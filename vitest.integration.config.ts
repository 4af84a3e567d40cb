import { defineConfig } from 'vitest/config';

/** Tests against real servers that this machine may have installed. What is missing is skipped, with the reason. */
export default defineConfig({
  test: {
    include: ['test/integration/**/*.test.ts'],
    pool: 'forks',
    testTimeout: 60_000,
    hookTimeout: 120_000,
  },
});
