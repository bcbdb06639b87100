import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    exclude: ['test/package/**'],
    testTimeout: 60_000,
    hookTimeout: 60_000,
    // Two processes that keep their modules: loading the engine and the parser anew for each of 80 files took a third.
    isolate: false,
    pool: 'forks',
    maxWorkers: 2,
  },
});
