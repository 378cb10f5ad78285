import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { allPosition, instancePosition, parsePosition } from '../src/index.ts';

const offset = fc.integer({ min: 0, max: 2 ** 48 });
const epoch = fc.stringMatching(/^[A-Za-z0-9_-]{1,64}$/);

describe('positions', () => {
  it('reads back the position within one instance', () => {
    fc.assert(
      fc.property(fc.nat(1_000), offset, epoch, (partition, at, life) => {
        expect(parsePosition(instancePosition(partition, at, life))).toEqual({
          kind: 'instance',
          partition,
          offset: at,
          epoch: life,
        });
      }),
    );
  });

  it('reads back the position over all partitions, also when there are one or two', () => {
    fc.assert(
      fc.property(fc.array(offset, { minLength: 1, maxLength: 64 }), epoch, (nextOffsets, life) => {
        expect(parsePosition(allPosition(nextOffsets, life))).toEqual({ kind: 'all', nextOffsets, epoch: life });
      }),
    );
  });

  it.for([
    '',
    '@',
    '1.2',
    '1@e',
    '1.2.3@e',
    '-1.2@e',
    '1.2@',
    '~@e',
    '1.99999999999999999@e',
    `1.2@${'e'.repeat(65)}`,
    'x'.repeat(10_000),
  ])('does not take %j for a position', (text) => {
    expect(parsePosition(text)).toBeUndefined();
  });
});
