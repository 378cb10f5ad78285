import { expect, it } from 'vitest';
import { partitionOf } from '../src/index.ts';

// The hashes are Java's: 96354, 23943117, -1906497762, and the one int that has no absolute value.
it.for([
  ['', 50, 0],
  ['abc', 50, 4],
  ['orders-service', 50, 17],
  ['my-group', 50, 12],
  ['polygenelubricants', 50, 0],
] as const)('puts group %j of %i partitions where Java does', ([id, partitions, expected]) => {
  expect(partitionOf(id, partitions)).toBe(expected);
});
