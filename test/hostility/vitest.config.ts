import { defineConfig } from 'vitest/config';

/** The slow lane: a broker under attack, whose memory is measured. One file at a time: each wants both cores. Linux only. */
export default defineConfig({
  test: {
    include: ['test/hostility/**/*.hostile.ts'],
    testTimeout: 5 * 60_000,
    hookTimeout: 60_000,
    fileParallelism: false,
  },
});
