import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { range, type Subscriber, uniform } from '../../src/consumer-groups/assign.ts';
import { contains, countOf, type Partitions } from '../../src/consumer-groups/partitions.ts';

const topics = new Map([
  ['a', 5],
  ['b', 3],
  ['c', 0],
]);

const subscriber = (id: string, subscribed: readonly string[], before: Partitions = new Map()): Subscriber => ({
  id,
  topics: new Set(subscribed),
  before,
});

const text = (targets: ReadonlyMap<string, Partitions>) =>
  Object.fromEntries(
    Array.from(targets, ([id, target]) => [
      id,
      Array.from(target, ([topic, set]) => `${topic}:${[...set].join(',')}`).join(' '),
    ]),
  );

const subscriptions = fc.array(fc.subarray(['a', 'b', 'c', 'missing']), { minLength: 1, maxLength: 6 });

describe.for([
  ['uniform', uniform],
  ['range', range],
] as const)('the %s assignor', ([, assign]) => {
  it('gives every partition to exactly one who subscribes to it, and to nobody if none does', () => {
    fc.assert(
      fc.property(subscriptions, (lists) => {
        const targets = assign(
          lists.map((list, index) => subscriber(`m${index}`, list)),
          topics,
        );
        for (const [topic, count] of topics) {
          const holders = Array.from({ length: count }, (_, partition) =>
            [...targets].filter(([, target]) => contains(target, topic, partition)).map(([id]) => id),
          );
          const wanted = lists.some((list) => list.includes(topic)) ? 1 : 0;
          expect(holders.map((ids) => ids.length)).toEqual(Array.from({ length: count }, () => wanted));
          for (const id of holders.flat()) expect(lists[Number(id.slice(1))]).toContain(topic);
        }
      }),
    );
  });
});

describe('the uniform assignor', () => {
  it('differs by one at most where all subscribe to the same', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 12 }), fc.integer({ min: 0, max: 40 }), (members, partitions) => {
        const all = Array.from({ length: members }, (_, index) => subscriber(`m${index}`, ['t']));
        const counts = [...uniform(all, new Map([['t', partitions]])).values()].map(countOf);
        expect(Math.max(...counts) - Math.min(...counts)).toBeLessThanOrEqual(1);
      }),
    );
  });

  it('moves no more than it must when somebody joins or leaves', () => {
    const two = uniform([subscriber('x', ['a']), subscriber('y', ['a'])], topics);
    expect(text(two)).toEqual({ x: 'a:0,2,4', y: 'a:1,3' });
    const three = uniform(
      ['x', 'y', 'z'].map((id) => subscriber(id, ['a'], two.get(id))),
      topics,
    );
    expect([...three.values()].map(countOf)).toEqual([2, 2, 1]);
    const kept = (id: string): number =>
      [...(three.get(id)?.get('a') ?? [])].filter((partition) => contains(two.get(id) ?? new Map(), 'a', partition))
        .length;
    expect([kept('x'), kept('y')]).toEqual([2, 2]);
    const left = uniform(
      ['x', 'z'].map((id) => subscriber(id, ['a'], three.get(id))),
      topics,
    );
    for (const id of ['x', 'z']) {
      for (const partition of three.get(id)?.get('a') ?? [])
        expect(contains(left.get(id) ?? new Map(), 'a', partition)).toBe(true);
    }
  });

  it('is fair as far as different subscriptions let it be', () => {
    const targets = uniform([subscriber('both', ['a', 'b']), subscriber('one', ['a'])], topics);
    expect(text(targets)).toEqual({ both: expect.stringContaining('b:0,1,2'), one: expect.any(String) });
    expect([...targets.values()].map(countOf)).toEqual([4, 4]);
  });
});

describe('the range assignor', () => {
  it('cuts each topic into ranges in the order of the members', () => {
    const targets = range([subscriber('y', ['a', 'b']), subscriber('x', ['a', 'b'])], topics);
    expect(text(targets)).toEqual({ x: 'a:0,1,2 b:0,1', y: 'a:3,4 b:2' });
  });
});
