import type { Disk } from '@millrace/std';

import { SparseIndex } from './sparse-index.ts';

/** What the index needs to know of a batch. */
export interface Placement {
  readonly baseOffset: number;
  readonly lastOffset: number;
  readonly maxTimestamp: number;
  readonly sizeInBytes: number;
}

export interface IndexPoint {
  readonly offset: number;
  readonly position: number;
}

/**
 * Where in a segment's file things are, roughly: the two sparse indexes, kept in step.
 *
 * I1. An entry of the offset index is the base offset of a batch, relative to the segment's, and its position.
 * I2. An entry of the time index is the largest timestamp of all batches before an indexed one, and that one's relative
 *     offset; it is left out when the timestamp did not rise since the last. So all before that offset is at most that old.
 * I3. From an index point on, a scan of headers finds the rest. The start of the file is a point without an entry.
 */
export class SegmentIndex {
  readonly #baseOffset: number;
  readonly #offsets: SparseIndex;
  readonly #times: SparseIndex;
  #lastPosition = 0;
  #maxTimestamp = -1;

  constructor(baseOffset: number, offsets = new SparseIndex(), times = new SparseIndex()) {
    this.#baseOffset = baseOffset;
    this.#offsets = offsets;
    this.#times = times;
    this.#resetToLastPoint();
  }

  /** Largest timestamp of the batches placed so far; −1 when there is none. */
  get maxTimestamp(): number {
    return this.#maxTimestamp;
  }

  get sizeInBytes(): number {
    return this.#offsets.sizeInBytes;
  }

  place(batch: Placement, position: number, intervalBytes: number): void {
    if (position > this.#lastPosition && position - this.#lastPosition >= intervalBytes) {
      const relative = batch.baseOffset - this.#baseOffset;
      this.#offsets.add(relative, position);
      const last = this.#times.count - 1;
      if (last < 0 || this.#maxTimestamp > this.#times.key(last)) this.#times.add(this.#maxTimestamp, relative);
      this.#lastPosition = position;
    }
    if (batch.maxTimestamp > this.#maxTimestamp) this.#maxTimestamp = batch.maxTimestamp;
  }

  /** The nearest point at or before `offset`. */
  pointAt(offset: number): IndexPoint {
    return this.#point(this.#offsets.floor(offset - this.#baseOffset));
  }

  /** An offset before which every timestamp is below `timestamp`. */
  offsetBelowTimestamp(timestamp: number): number {
    // Timestamps are whole numbers, so "below" is "at most one less".
    const entry = this.#times.floor(timestamp - 1);
    return this.#baseOffset + (entry < 0 ? 0 : this.#times.value(entry));
  }

  lastPoint(): IndexPoint {
    return this.#point(this.#offsets.count - 1);
  }

  /** Forgets points at `offset` and behind. */
  cut(offset: number): void {
    this.#offsets.cut(this.#offsets.floor(offset - this.#baseOffset - 1) + 1);
    const lastRelative = this.lastPoint().offset - this.#baseOffset;
    let count = this.#times.count;
    while (count > 0 && (this.#offsets.count === 0 || this.#times.value(count - 1) > lastRelative)) count--;
    this.#times.cut(count);
    this.#resetToLastPoint();
  }

  /** Brings the files up to date and returns them, open, for the caller to sync. */
  save(disk: Disk, offsetsPath: string, timesPath: string): ReturnType<Disk['open']>[] {
    const offsets = disk.open(offsetsPath, { create: true });
    const times = disk.open(timesPath, { create: true });
    this.#offsets.save(offsets);
    this.#times.save(times);
    return [offsets, times];
  }

  /** Undefined when a file is missing or is no index. */
  static load(disk: Disk, baseOffset: number, offsetsPath: string, timesPath: string): SegmentIndex | undefined {
    if (!disk.exists(offsetsPath) || !disk.exists(timesPath)) return undefined;
    const offsets = SparseIndex.load(disk.readFile(offsetsPath));
    const times = SparseIndex.load(disk.readFile(timesPath));
    return offsets && times && new SegmentIndex(baseOffset, offsets, times);
  }

  #point(entry: number): IndexPoint {
    if (entry < 0) return { offset: this.#baseOffset, position: 0 };
    return { offset: this.#baseOffset + this.#offsets.key(entry), position: this.#offsets.value(entry) };
  }

  #resetToLastPoint(): void {
    this.#lastPosition = this.lastPoint().position;
    // By I2 the last time entry is the maximum before the last point; scanning on from there adds the rest.
    this.#maxTimestamp = this.#times.count === 0 ? -1 : this.#times.key(this.#times.count - 1);
  }
}
