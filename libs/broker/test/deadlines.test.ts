import { VirtualClock } from '@millrace/testing';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines } from '../src/deadlines.ts';

describe('deadlines', () => {
  it('fires each callback at its time, in order, on a single timer', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(1_000), { minLength: 1, maxLength: 100 }), (delays) => {
        const clock = new VirtualClock();
        const deadlines = new Deadlines(clock);
        const start = deadlines.now();
        const fired: { at: number; due: number }[] = [];
        for (const delay of delays) {
          deadlines.add(start + delay, () => fired.push({ at: deadlines.now() - start, due: delay }));
        }
        expect(clock.pendingTimers).toBe(1);
        clock.advance(1_000);
        expect(fired.map(({ due }) => due)).toEqual(delays.toSorted((a, b) => a - b));
        expect(fired.every(({ at, due }) => at === due)).toBe(true);
        expect([deadlines.size, clock.pendingTimers]).toEqual([0, 0]);
      }),
    );
  });

  it('never fires what was cancelled, and forgets it when it is most of what it holds', () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock);
    const fired: number[] = [];
    const added = Array.from({ length: 1_000 }, (_, index) =>
      deadlines.add(deadlines.now() + ((index * 37) % 997), () => fired.push(index)),
    );
    for (const [index, deadline] of added.entries()) if (index % 10 !== 0) deadlines.cancel(deadline);
    expect(deadlines.size).toBe(100);
    clock.advance(1_000);
    expect(fired.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 100 }, (_, index) => index * 10));
  });

  it('takes deadlines that a callback adds', () => {
    const clock = new VirtualClock();
    const deadlines = new Deadlines(clock);
    const fired: string[] = [];
    deadlines.add(deadlines.now() + 10, () => {
      fired.push('first');
      deadlines.add(deadlines.now() + 5, () => fired.push('second'));
    });
    clock.advance(14);
    expect(fired).toEqual(['first']);
    clock.advance(1);
    expect(fired).toEqual(['first', 'second']);
  });

  it('keeps its own time when the wall clock is set', () => {
    const wall = { now: 1_000_000, monotonic: 0 };
    const deadlines = new Deadlines({ now: () => wall.now, monotonic: () => wall.monotonic, after: () => () => {} });
    const before = deadlines.now();
    wall.now -= 3_600_000;
    wall.monotonic += 250;
    expect(deadlines.now() - before).toBe(250);
  });
});
