import { describe, expect, it } from 'vitest';

import { Tail, TailCache } from '../src/tail-cache.ts';

const batch = (bytes: number, fill: number): Buffer => Buffer.allocUnsafeSlow(bytes).fill(fill);

describe('the tail cache', () => {
  // H3.
  it('keeps nothing of a partition that nobody reads, and what follows once a reader has come to its end', () => {
    const MB = 1024 * 1024;
    const tail = new Tail(new TailCache(32 * MB, 0), 0);
    const held = (): number => [...tail.from(tail.startOffset)].length;
    for (let offset = 0; offset < 8; offset++) tail.push(batch(MB, offset), offset + 1);
    expect(held()).toBe(8);
    tail.push(batch(MB, 8), 9);
    tail.push(batch(MB, 9), 10);
    expect([held(), tail.startOffset]).toEqual([0, 10]);
    tail.touch();
    tail.push(batch(MB, 10), 11);
    expect([held(), tail.startOffset]).toEqual([1, 10]);
  });

  it('counts what an entry takes beside its batch, of which tiny batches are the smaller part', () => {
    const cache = new TailCache(1000, 100);
    const tail = new Tail(cache, 0);
    for (let offset = 0; offset < 20; offset++) tail.push(batch(1, offset), offset + 1);
    expect([...tail.from(tail.startOffset)]).toHaveLength(9);
  });

  it('never holds more than its bound, and lets the oldest of all partitions go first', () => {
    const cache = new TailCache(1000, 0);
    const [one, two] = [new Tail(cache, 0), new Tail(cache, 0)];
    for (let offset = 0; offset < 40; offset++) {
      (offset % 3 === 0 ? one : two).push(batch(100, offset), offset + 1);
      expect(cache.bytes).toBeLessThanOrEqual(1000);
    }
    const held = [...one.from(one.startOffset), ...two.from(two.startOffset)].map((bytes) => bytes[0]);
    expect(held.sort((a = 0, b = 0) => a - b)).toEqual([30, 31, 32, 33, 34, 35, 36, 37, 38, 39]);
  });

  it('holds a tail without a gap: a batch too large for it clears what is before', () => {
    const cache = new TailCache(1000, 0);
    const tail = new Tail(cache, 0);
    tail.push(batch(100, 1), 1);
    tail.push(batch(500, 2), 2);
    expect(tail.startOffset).toBe(2);
    expect([...tail.from(2)]).toEqual([]);
    tail.push(batch(100, 3), 3);
    expect([...tail.from(2)].map((bytes) => bytes[0])).toEqual([3]);
  });

  // H2.
  it('goes on counting what a cleared tail had, until it would have gone', () => {
    const cache = new TailCache(1000, 0);
    const tail = new Tail(cache, 0);
    for (let offset = 0; offset < 8; offset++) tail.push(batch(100, offset), offset + 1);
    tail.clear(8);
    for (let offset = 8; offset < 16; offset++) tail.push(batch(100, offset), offset + 1);
    expect(tail.startOffset).toBe(8);
    for (let offset = 16; offset < 22; offset++) tail.push(batch(100, offset), offset + 1);
    expect(tail.startOffset).toBe(12);
    expect(cache.bytes).toBe(1000);
  });

  // H1.
  it('counts memory that several batches share once, and copies a batch that is a small part of its own', () => {
    const cache = new TailCache(10_000, 0);
    const tail = new Tail(cache, 0);
    const chunk = batch(1000, 7);
    for (let index = 0; index < 4; index++) tail.push(chunk.subarray(index * 200, index * 200 + 200), index + 1);
    expect(cache.bytes).toBe(1000);
    expect([...tail.from(0)].every((bytes) => bytes.buffer === chunk.buffer)).toBe(true);
    const other = batch(5000, 8);
    tail.push(other.subarray(0, 100), 5);
    tail.push(other.subarray(200, 300), 6);
    expect(cache.bytes).toBe(1200);
    const [one, two] = tail.from(4);
    expect(one?.buffer).not.toBe(other.buffer);
    expect(two?.byteOffset).toBe((one?.byteOffset ?? 0) + 100);
  });

  it('finds the batch that holds an offset', () => {
    const tail = new Tail(new TailCache(10_000, 0), 100);
    for (let index = 0; index < 5; index++) tail.push(batch(10, index), 110 + index * 10);
    expect([...tail.from(119)].map((bytes) => bytes[0])).toEqual([1, 2, 3, 4]);
    expect([...tail.from(120)].map((bytes) => bytes[0])).toEqual([2, 3, 4]);
    expect([...tail.from(150)]).toEqual([]);
  });
});
