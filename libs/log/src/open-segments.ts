import type { Segment } from './segment.ts';

/** Bounds how many closed segments of all partitions have their file open and their index in memory. */
export class OpenSegments {
  readonly #countMax: number;
  /** Least recently used first. */
  readonly #segments = new Set<Segment>();

  constructor(countMax: number) {
    this.#countMax = countMax;
  }

  /** The segment is about to be read. */
  touch(segment: Segment): void {
    this.#segments.delete(segment);
    this.#segments.add(segment);
    if (this.#segments.size <= this.#countMax) return;
    for (const oldest of this.#segments) {
      this.#segments.delete(oldest);
      oldest.release();
      return;
    }
  }

  forget(segment: Segment): void {
    this.#segments.delete(segment);
    segment.release();
  }
}
