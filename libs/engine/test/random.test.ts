import { describe, it, vi } from 'vitest';
import type * as Limits from '../src/limits.ts';
import { checkAnyProcess } from './support/any-process.ts';

// Endless loops are found out all the same, and sooner.
vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<typeof Limits>()),
  HOPS_WITHOUT_WAIT_MAX: 100,
}));

describe('any process', () => {
  it('keeps its invariants under any input and any interleaving of partitions', { timeout: 120_000 }, () => {
    checkAnyProcess(500);
  });
});
