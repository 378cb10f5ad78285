import { describe, it, vi } from 'vitest';
import type * as Limits from '../src/limits.ts';
import { checkAnyProcess } from './support/any-process.ts';

// E3. Every way that is longer than a step is cut here, at every place where it can be.
vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<typeof Limits>()),
  HOPS_PER_STEP_MAX: 2,
  HOPS_WITHOUT_WAIT_MAX: 100,
  TERMINATIONS_PER_STEP_MAX: 1,
}));

describe('any process, in the smallest steps', () => {
  it('keeps its invariants under any input and any interleaving of partitions', { timeout: 120_000 }, () => {
    checkAnyProcess(500);
  });
});
