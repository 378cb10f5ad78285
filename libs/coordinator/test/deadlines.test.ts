import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Deadlines } from '../src/deadlines.ts';

describe('deadlines', () => {
  it('give every item at its earliest time, never late, and each once', () => {
    const steps = fc.array(
      fc.oneof(
        fc.record({ set: fc.nat(9), at: fc.nat(100) }),
        fc.record({ delete: fc.nat(9) }),
        fc.record({ takeAt: fc.nat(100) }),
      ),
    );
    fc.assert(
      fc.property(steps, (all) => {
        const deadlines = new Deadlines<number>();
        const model = new Map<number, number>();
        for (const step of all) {
          if ('set' in step) {
            deadlines.set(step.set, step.at);
            model.set(step.set, Math.min(step.at, model.get(step.set) ?? Infinity));
          } else if ('delete' in step) {
            deadlines.delete(step.delete);
            model.delete(step.delete);
          } else {
            const due = Array.from(model).filter(([, at]) => at <= step.takeAt);
            expect(new Set(deadlines.takeDue(step.takeAt))).toEqual(new Set(due.map(([item]) => item)));
            for (const [item] of due) model.delete(item);
          }
          expect(deadlines.next()).toBe(Math.min(Infinity, ...model.values()));
        }
      }),
    );
  });
});
