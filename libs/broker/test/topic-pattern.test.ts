import { describe, expect, it } from 'vitest';
import { topicPattern } from '../src/topic-pattern.ts';

describe('the pattern of a subscription', () => {
  it('matches names whole', () => {
    const pattern = topicPattern('orders-[a-z]+|all');
    expect(['orders-eu', 'all', 'orders-7', 'all-of-them', ''].map((name) => pattern?.test(name))).toEqual([
      true,
      true,
      false,
      false,
      false,
    ]);
  });

  it.for(['(', '(a)\\1', '(?=a)b', 'x'.repeat(1_001)])('is none when it is %s', (text) => {
    expect(topicPattern(text)).toBeNull();
  });

  it('takes time linear in the name, where backtracking would take longer than anybody waits', () => {
    // Some 2²⁴⁰ ways to divide the name: the test ends only if none of them is tried.
    expect(topicPattern('((a+)+)+b')?.test('a'.repeat(240))).toBe(false);
  });
});
