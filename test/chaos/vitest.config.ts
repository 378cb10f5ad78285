import { defineConfig } from 'vitest/config';

/** The slow lane: servers killed under load. One file at a time: each wants both cores. */
export default defineConfig({
  test: {
    include: ['test/chaos/**/*.chaos.ts'],
    testTimeout: 20 * 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
