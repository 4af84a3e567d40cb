import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['**/node_modules/**', 'test/integration/**'],
    pool: 'forks',
    testTimeout: 30_000,
    hookTimeout: 60_000,
    coverage: {
      provider: 'v8',
      include: ['core/**/*.ts', 'plugins/**/*.ts', 'libraries/**/*.ts', 'server/**/*.ts', 'cli/**/*.ts'],
      exclude: ['**/generated/**'],
      reporter: ['text-summary', 'html'],
    },
  },
});
