import { availableParallelism } from 'node:os';
import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    // Tests wait for processes more than they compute: two at once even where vitest would run one.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/integration/**'],
    pool: 'forks',
    // Tests start real processes and may share their machine: one more try there, which is told of. A counterexample of a property is none of that.
    retry: process.env.CI ? { count: 1, condition: /^(?!Property failed)/ } : 0,
    reporters: ['default', './test/fixtures/retried-reporter.ts'],
    testTimeout: 60_000,
    hookTimeout: 120_000,
    coverage: {
      provider: 'v8',
      include: ['core/**/*.ts', 'plugins/**/*.ts', 'libraries/**/*.ts', 'server/**/*.ts', 'cli/**/*.ts'],
      exclude: ['**/generated/**'],
      reporter: ['text-summary', 'html'],
    },
  },
});
