import { defineConfig } from 'vitest/config';

/** The packaging test installs from the registry, so it stands apart from the quick suite. */
export default defineConfig({
  test: { include: ['test/package/*.test.ts'], testTimeout: 300_000, hookTimeout: 300_000 },
});
