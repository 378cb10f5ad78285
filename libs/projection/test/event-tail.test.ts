import { encodeEvent } from '@millrace/records';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { EventTail } from '../src/event-tail.ts';
import { FeedEvent } from '../src/index.ts';

const event = (offset: number, text: string): FeedEvent =>
  new FeedEvent(0, {
    offset,
    value: encodeEvent({
      kind: 'ingress.advanced',
      version: 1,
      at: 0,
      source: { topic: text, partition: 0, offset: 0 },
    }),
  });

it('T1: gives every event from an offset on, or says that some are gone', () => {
  const batches = fc.array(fc.array(fc.tuple(fc.integer({ min: 1, max: 3 }), fc.nat(200)), { maxLength: 5 }), {
    maxLength: 40,
  });
  fc.assert(
    fc.property(batches, fc.integer({ min: 200, max: 5_000 }), (input, bytesMax) => {
      const tail = new EventTail(0, bytesMax);
      const all: FeedEvent[] = [];
      let offset = 0;
      for (const batch of input) {
        const events = batch.map(([step, size]) => event((offset += step), 'x'.repeat(size)));
        tail.push(events);
        all.push(...events);
        const held = tail.since(tail.from, Number.POSITIVE_INFINITY);
        expect(held?.reduce((sum, { bytes }) => sum + bytes, 0)).toBeLessThanOrEqual(bytesMax);
        for (let from = 0; from <= offset + 1; from += 7) {
          const expected = from < tail.from ? undefined : all.filter((one) => one.offset >= from);
          expect(tail.since(from, Number.POSITIVE_INFINITY)).toEqual(expected);
        }
      }
    }),
    { numRuns: 50 },
  );
});

it('gives no more than was asked for, the oldest first', () => {
  const tail = new EventTail(0, 10_000);
  tail.push([1, 2, 3, 4].map((offset) => event(offset, '')));
  expect(tail.since(2, 2)?.map(({ offset }) => offset)).toEqual([2, 3]);
});
