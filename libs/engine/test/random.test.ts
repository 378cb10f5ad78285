import { describe, it } from 'vitest';
import { checkAnyProcess } from './support/any-process.ts';

describe('any process', () => {
  it('keeps its invariants under any input and any interleaving of partitions', { timeout: 120_000 }, () => {
    checkAnyProcess(500);
  });
});
