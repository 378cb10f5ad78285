import { describe, expect, it } from 'vitest';

import { seededRandom, VirtualClock } from '../src/index.ts';

describe('a virtual clock', () => {
  it('stands still until it is moved, and fires timers when they are due, in order', () => {
    const clock = new VirtualClock(1000);
    const fired: string[] = [];
    clock.after(20, () => fired.push(`b at ${clock.now()}`));
    clock.after(10, () => {
      fired.push(`a at ${clock.now()}`);
      clock.after(5, () => fired.push(`nested at ${clock.now()}`));
    });
    clock.after(20, () => fired.push(`c at ${clock.now()}`));
    const cancel = clock.after(15, () => fired.push('cancelled'));
    cancel();
    expect(clock.nextDue()).toBe(1010);
    clock.advance(30);
    expect(fired).toEqual(['a at 1010', 'nested at 1015', 'b at 1020', 'c at 1020']);
    expect(clock.now()).toBe(1030);
    expect(clock.monotonic()).toBe(30);
    expect(clock.pendingTimers).toBe(0);
  });

  it('lets promises settle between timers when asked', async () => {
    const clock = new VirtualClock(0);
    const wait = (ms: number): Promise<void> => new Promise((resolve) => void clock.after(ms, resolve));
    const seen: number[] = [];
    const loop = (async () => {
      for (let turn = 0; turn < 3; turn++) {
        await wait(10);
        seen.push(clock.now());
      }
    })();
    await clock.advanceAsync(30);
    await loop;
    expect(seen).toEqual([10, 20, 30]);
  });
});

describe('seeded random', () => {
  it('repeats from its seed and differs between seeds', () => {
    const draw = (seed: number): number[] => {
      const random = seededRandom(seed);
      return [random.fraction(), random.fraction(), ...random.bytes(4)];
    };
    expect(draw(1)).toEqual(draw(1));
    expect(draw(1)).not.toEqual(draw(2));
    for (const value of draw(3).slice(0, 2)) expect(value).toBeGreaterThanOrEqual(0);
  });
});
