import { expect, it } from 'vitest';

import { advanceSequence } from '../src/sequence.ts';

it.for([
  [0, 1, 1],
  [2 ** 31 - 2, 1, 2 ** 31 - 1],
  [2 ** 31 - 1, 1, 0],
  [2 ** 31 - 1, 5, 4],
] as const)('after %i and %i records comes %i', ([sequence, count, next]) => {
  expect(advanceSequence(sequence, count)).toBe(next);
});
