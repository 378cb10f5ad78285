import { defineConfig } from 'vitest/config';

/** The suite on the built-in broker, with the clients that npm and two Debian packages do not bring. */
export default defineConfig({
  test: {
    include: ['test/conformance/**/*.clients.ts'],
    globalSetup: ['test/conformance/prepare.ts'],
    testTimeout: 120_000,
    hookTimeout: 120_000,
    fileParallelism: false,
  },
});
