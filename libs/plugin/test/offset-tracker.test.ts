import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { OffsetTracker } from '../src/offset-tracker.ts';

describe('OffsetTracker', () => {
  it('O1: commits up to the first job that is not finished', () => {
    const tracker = new OffsetTracker();
    for (const offset of [3, 4, 7]) tracker.begin(offset);
    tracker.finish(4);
    expect(tracker.committable).toBeUndefined();
    tracker.finish(3);
    expect(tracker.committable).toBe(5);
    tracker.finish(7);
    expect(tracker.committable).toBe(8);
  });

  it('passes the transaction marker behind the last record of a batch', () => {
    const tracker = new OffsetTracker();
    tracker.begin(3, 5);
    tracker.finish(3);
    expect(tracker.committable).toBe(5);
  });

  it('O2: begins no record twice', () => {
    const tracker = new OffsetTracker();
    expect([tracker.begin(1), tracker.begin(2), tracker.begin(1), tracker.begin(2), tracker.begin(3)]).toEqual([
      true,
      true,
      false,
      false,
      true,
    ]);
  });

  it('O1: never passes what is in hand and never goes back, in whatever order jobs finish', () => {
    fc.assert(
      fc.property(fc.shuffledSubarray([0, 1, 2, 3, 4, 5, 6, 7]), (order) => {
        const tracker = new OffsetTracker();
        for (let offset = 0; offset < 8; offset++) tracker.begin(offset);
        const finished = new Set<number>();
        let last = 0;
        for (const offset of order) {
          tracker.finish(offset);
          finished.add(offset);
          const committable = tracker.committable ?? 0;
          expect(committable).toBeGreaterThanOrEqual(last);
          for (let below = 0; below < committable; below++) expect(finished).toContain(below);
          expect(finished).not.toContain(committable);
          last = committable;
        }
        expect(tracker.inHand).toBe(8 - last);
      }),
    );
  });
});
