import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  PARTITION_COUNT_MAX,
  bytesFromText,
  commandKey,
  definitionKey,
  instanceId,
  instanceIdFromDigest,
  isInstanceId,
  murmur2,
  partitionForKey,
  partitionOfInstance,
  partitionOfKey,
  timerKey,
} from '../src/index.ts';

const bytes = fc.uint8Array({ minLength: 16, maxLength: 32 });
const partition = fc.nat(PARTITION_COUNT_MAX - 1);

describe('an instance id', () => {
  it('is a UUID of version 8 that gives back its partition (I1)', () => {
    fc.assert(
      fc.property(partition, bytes, (number, random) => {
        const id = instanceId(number, random);
        expect(isInstanceId(id)).toBe(true);
        expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
        expect(partitionOfInstance(id)).toBe(number);
      }),
    );
  });

  it('derived from a digest is the same each time, on a partition that exists', () => {
    fc.assert(
      fc.property(bytes, fc.integer({ min: 1, max: 64 }), (digest, partitionCount) => {
        const id = instanceIdFromDigest(digest, partitionCount);
        expect(instanceIdFromDigest(digest, partitionCount)).toBe(id);
        expect(partitionOfInstance(id)).toBeLessThan(partitionCount);
      }),
    );
  });

  it('is told from other texts', () => {
    for (const text of ['', 'x', '0000184e-62c3-4c2e-a421-75356644cd9a', '0000184E-62C3-8C2E-A421-75356644CD9A']) {
      expect(isInstanceId(text)).toBe(false);
    }
  });
});

describe('a key', () => {
  it('gives back its partition', () => {
    expect(partitionOfKey(commandKey(7, 12, 3))).toBe(7);
    expect(partitionOfKey(timerKey(7, 12, 3))).toBe(7);
    for (const text of ['', 'x', '7', '7-', 'a-000000000012-0003', '-1-2-3'])
      expect(partitionOfKey(text)).toBeUndefined();
  });

  it('sorts in the order of the commands and, within one, of the making (I2)', () => {
    const place = fc.tuple(fc.nat(1e9), fc.nat(9999));
    fc.assert(
      fc.property(place, place, ([offsetA, countA], [offsetB, countB]) => {
        const before = offsetA < offsetB || (offsetA === offsetB && countA < countB);
        expect(commandKey(3, offsetA, countA) < commandKey(3, offsetB, countB)).toBe(before);
      }),
    );
  });

  it('of a timer never equals one of a command', () => {
    expect(timerKey(1, 5, 0)).not.toBe(commandKey(1, 5, 0));
  });
});

describe('the hash', () => {
  // Values of Kafka's own test of its default partitioner (UtilsTest.testMurmur2).
  it.for([
    ['21', -973932308],
    ['foobar', -790332482],
    ['a-little-bit-long-string', -985981536],
    ['a-little-bit-longer-string', -1486304829],
    ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', -58897971],
    ['abc', 479470107],
  ] as const)('of "%s" is that of Kafka', ([text, hash]) => {
    expect(murmur2(text)).toBe(hash);
  });

  it('chooses a partition that exists, and all of them', () => {
    const chosen = new Set(Array.from({ length: 200 }, (_, at) => partitionForKey(`key ${at}`, 8)));
    expect([...chosen].sort((a, b) => a - b)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('makes sixteen bytes that differ where the text does', () => {
    const made = new Set(Array.from({ length: 1000 }, (_, at) => bytesFromText(`cause ${at}`).join()));
    expect(made.size).toBe(1000);
  });
});

it('a definition key names process and version', () => {
  expect(definitionKey('onboarding', 3)).toBe('onboarding:3');
});
