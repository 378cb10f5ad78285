import fc from 'fast-check';
import { expect, it } from 'vitest';

import { assignSticky } from '../src/assignor.ts';

const partitionsOf = (count: number) => Array.from({ length: count }, (_, partition) => ({ topic: 't', partition }));

it('gives each partition to one member, evenly, and lets members keep their fair share of what they had', () => {
  const scenario = fc.record({
    count: fc.nat(40),
    before: fc.array(fc.array(fc.nat(50), { maxLength: 50 }), { minLength: 1, maxLength: 8 }),
  });
  fc.assert(
    fc.property(scenario, ({ count, before }) => {
      const owned = new Map(
        before.map((of, index) => [
          `member-${index}`,
          [...new Set(of)].map((partition) => ({ topic: 't', partition })),
        ]),
      );
      const assigned = assignSticky(partitionsOf(count), owned);
      const all = [...assigned.values()].flat().map((one) => one.partition);
      expect(all.toSorted((one, other) => one - other)).toEqual(partitionsOf(count).map((one) => one.partition));
      const sizes = [...assigned.values()].map((of) => of.length);
      expect(Math.max(...sizes) - Math.min(...sizes)).toBeLessThanOrEqual(1);
    }),
  );
});

it('moves nothing when nothing has changed', () => {
  const first = assignSticky(
    partitionsOf(8),
    new Map([
      ['a', []],
      ['b', []],
      ['c', []],
    ]),
  );
  expect(assignSticky(partitionsOf(8), first)).toEqual(first);
});

it('moves only what a new member must get', () => {
  const before = assignSticky(
    partitionsOf(8),
    new Map([
      ['a', []],
      ['b', []],
    ]),
  );
  const after = assignSticky(partitionsOf(8), new Map([...before, ['c', []]]));
  expect(after.get('c')).toHaveLength(2);
  for (const member of ['a', 'b']) {
    for (const one of after.get(member) ?? []) expect(before.get(member)).toContainEqual(one);
  }
});
