import { spawnSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

const bin = fileURLToPath(new URL('../bin/millrace.js', import.meta.url));

it('tells a Node that cannot run TypeScript which one is needed', () => {
  const { status, stderr } = spawnSync(process.execPath, ['--no-strip-types', bin, '--help'], { encoding: 'utf8' });
  expect(stderr).toMatch(/^millrace: expected a Node that runs TypeScript \(26\), found v/);
  expect(status).toBe(2);
});
