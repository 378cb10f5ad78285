import { defineConfig } from 'vitest/config';

/** The suite on Apache Kafka. One file at a time: each wants a Java virtual machine of its own. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.{test,clients}.ts'],
    env: { CONFORMANCE_BROKER: 'kafka' },
    globalSetup: ['test/conformance/prepare.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
