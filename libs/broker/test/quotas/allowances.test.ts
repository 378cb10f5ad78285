import { describe, expect, it } from 'vitest';
import { Allowances } from '../../src/quotas/allowances.ts';

describe('allowances', () => {
  it('let ten seconds of the rate be used at once, and make wait for what was used beyond it', () => {
    const allowances = new Allowances(10);
    expect(allowances.take('a', 100, 1_000, 0)).toBe(0);
    expect(allowances.take('a', 100, 50, 0)).toBe(500);
    // Half of the debt is paid by then, and as much again comes to it.
    expect(allowances.take('a', 100, 25, 250)).toBe(500);
    expect(allowances.take('a', 100, 0, 750)).toBe(0);
  });

  it('give no more than the rate over a long time, however much is taken at once', () => {
    const allowances = new Allowances(10);
    let now = 0;
    let taken = 0;
    for (const amount of Array.from({ length: 200 }, (_, index) => 1 + ((index * 7_919) % 5_000))) {
      taken += amount;
      now += allowances.take('a', 1_000, amount, now);
    }
    expect(taken / (now / 1_000 + 10)).toBeLessThanOrEqual(1_001);
    expect(taken / (now / 1_000)).toBeGreaterThanOrEqual(999);
  });

  it('are of each by itself, save no more than ten seconds, and forget who was silent longest', () => {
    const allowances = new Allowances(2);
    expect(allowances.take('a', 1, 11, 0)).toBe(1_000);
    expect(allowances.take('b', 1, 11, 0)).toBe(1_000);
    expect(allowances.take('b', 1, 11, 1_000_000)).toBe(1_000);
    expect(allowances.take('c', 1, 1, 1_000_000)).toBe(0);
    expect(allowances.size).toBe(2);
    expect(allowances.take('b', 1, 0, 1_000_000)).toBe(1_000);
    expect(allowances.take('a', 1, 10, 1_000_000)).toBe(0);
  });
});
