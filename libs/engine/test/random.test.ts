import { describe, it, vi } from 'vitest';
import type * as Limits from '../src/limits.ts';
import { checkAnyProcess } from './support/any-process.ts';

// Endless loops are found out all the same, and sooner.
vi.mock('../src/limits.ts', async (original) => ({
  ...(await original<typeof Limits>()),
  HOPS_WITHOUT_WAIT_MAX: 100,
  // A ring around a fork doubles its tokens each time round: thousands of them would show no more than these, and take minutes.
  TOKENS_MAX: 50,
}));

describe('any process', () => {
  it('keeps its invariants under any input and any interleaving of partitions', { timeout: 120_000 }, () => {
    checkAnyProcess(500);
  });
});
