import { expect, it } from 'vitest';

import { partitionOfKey } from '../src/index.ts';

// The values of Kafka's own test of its murmur2 (UtilsTest.testMurmur2), made into partitions of a large topic.
const COUNT = 2 ** 31 - 1;
it.for([
  ['21', -973932308],
  ['foobar', -790332482],
  ['a-little-bit-long-string', -985981536],
  ['a-little-bit-longer-string', -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
] as const)('puts the key %s where Kafka puts it', ([key, hash]) => {
  expect(partitionOfKey(Buffer.from(key), COUNT)).toBe((hash & 0x7fffffff) % COUNT);
});
