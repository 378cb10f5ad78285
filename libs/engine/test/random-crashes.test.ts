import { describe, it, vi } from 'vitest';
import type * as Limits from '../src/limits.ts';
import { checkAnyProcess } from './support/any-process.ts';

// A step costs as much as all before it: endless loops are found out all the sooner.
vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<typeof Limits>()),
  HOPS_PER_STEP_MAX: 5,
  HOPS_WITHOUT_WAIT_MAX: 40,
  TERMINATIONS_PER_STEP_MAX: 2,
}));

describe('any process, whose partitions crash before and after every step', () => {
  it('keeps its invariants, and decides again what was lost as it was decided before', { timeout: 120_000 }, () => {
    checkAnyProcess(100, { crashesAlways: true });
  });
});
