import { assert, type Disk } from '@millrace/std';

import type { OpenSegments } from './open-segments.ts';
import { Segment } from './segment.ts';

/**
 * The segments of one partition in the order of their offsets. The last is the active one.
 *
 * L4. Segments that are written or not yet saved by a checkpoint are pinned: they stay open. Others may be released.
 */
export class SegmentList {
  readonly #disk: Disk;
  readonly #directory: string;
  readonly #open: OpenSegments;
  readonly #pinned = new Set<Segment>();
  #segments: Segment[];

  constructor(disk: Disk, directory: string, open: OpenSegments, segments: readonly Segment[]) {
    assert(segments.length > 0, `expected a segment in ${directory}`);
    this.#disk = disk;
    this.#directory = directory;
    this.#open = open;
    this.#segments = [...segments];
    this.#pinned.add(this.active);
  }

  get active(): Segment {
    return this.#segments[this.#segments.length - 1] as Segment;
  }

  get first(): Segment {
    return this.#segments[0] as Segment;
  }

  get all(): readonly Segment[] {
    return this.#segments;
  }

  get closed(): readonly Segment[] {
    return this.#segments.slice(0, -1);
  }

  get sizeInBytes(): number {
    return this.#segments.reduce((sum, segment) => sum + segment.size, 0);
  }

  /** Those that a checkpoint has to save. */
  get pinned(): ReadonlySet<Segment> {
    return this.#pinned;
  }

  /** The segments from the one that holds `offset`, ready to be read. */
  *from(offset: number): Generator<Segment> {
    // A copy: the list may change between two steps of whoever iterates.
    for (const segment of this.#segments.slice(Math.max(this.indexOf(offset), 0))) {
      this.use(segment);
      yield segment;
    }
  }

  /** Call before a segment is read. */
  use(segment: Segment): Segment {
    if (!this.#pinned.has(segment)) this.#open.touch(segment);
    return segment;
  }

  /** Where the segment that holds `offset` is in the list; −1 when the offset is before all. */
  indexOf(offset: number): number {
    let low = 0;
    let high = this.#segments.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#segments[middle] as Segment).baseOffset <= offset) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }

  /** Begins a new segment at the end; the name of its file is durable on return. */
  roll(indexIntervalBytes: number): Segment {
    const segment = new Segment(this.#disk, this.#directory, this.active.nextOffset, indexIntervalBytes);
    segment.create();
    this.#disk.syncDirectory(this.#directory);
    this.#segments.push(segment);
    this.#pinned.add(segment);
    return segment;
  }

  /** A checkpoint has saved it, and nothing is written to it any more. */
  unpin(segment: Segment): void {
    if (segment === this.active || !this.#pinned.delete(segment)) return;
    this.#open.touch(segment);
  }

  /** Takes out the segments that end at or before `offset`, except the active one. */
  takeBelow(offset: number): Segment[] {
    const count = this.closed.filter((segment) => segment.nextOffset <= offset).length;
    const taken = this.#segments.splice(0, count);
    for (const segment of taken) this.#drop(segment);
    return taken;
  }

  /** Puts what compaction made of neighbouring closed segments in their place. */
  replace(old: readonly Segment[], made: Segment): void {
    this.#segments.splice(this.#segments.indexOf(old[0] as Segment), old.length, made);
    for (const segment of old) this.#drop(segment);
  }

  /** Takes out a closed segment in which compaction left nothing; the one before then reaches up to the next. */
  removeEmpty(segment: Segment): void {
    const index = this.#segments.indexOf(segment);
    const previous = this.#segments[index - 1];
    if (previous !== undefined) previous.nextOffset = segment.nextOffset;
    this.#segments.splice(index, 1);
    this.#drop(segment);
    segment.removeFiles();
  }

  close(): void {
    for (const segment of this.#segments) this.#drop(segment);
  }

  #drop(segment: Segment): void {
    this.#pinned.delete(segment);
    this.#open.forget(segment);
  }
}
