import { describe, it, vi } from 'vitest';
import type * as Limits from '../src/limits.ts';
import { checkKnownPaths } from './support/known-path.ts';

// E3. Every way that is longer than a step is cut here, at every place where it can be.
vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<typeof Limits>()),
  HOPS_PER_STEP_MAX: 3,
  TERMINATIONS_PER_STEP_MAX: 1,
}));

describe('any process whose way is known', () => {
  it('takes it, in whatever order its partitions and its answers come', { timeout: 120_000 }, () => {
    checkKnownPaths(300);
  });

  it('takes it when every partition crashes before and after every step', { timeout: 120_000 }, () => {
    checkKnownPaths(30, { crashesAlways: true });
  });
});
