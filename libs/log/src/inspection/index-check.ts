import { join } from 'node:path';

import type { Disk } from '@millrace/std';
import type { BatchHeader } from '@millrace/wire';

import { AbortedIndex } from '../aborted-index.ts';
import { readMarker } from '../control-marker.ts';
import { type FileKind, offsetFileName } from '../file-names.ts';
import { SparseIndex } from '../sparse-index.ts';
import type { Problem } from './verify.ts';

interface Findings {
  problem(problem: Problem): void;
  missing(file: string): void;
}

/**
 * Whether the three indexes of a segment say what its batches do (I1, I2, A1), by passing over these once, in order. The
 * indexes are hints: each may be missing.
 */
export class IndexCheck {
  readonly #baseOffset: number;
  readonly #findings: Findings;
  readonly #offsets: SparseIndex;
  readonly #times: SparseIndex;
  readonly #aborted: AbortedIndex;
  readonly #at = { offset: 0, time: 0, marker: 0 };
  #largestTimestamp = -1;

  constructor(disk: Disk, directory: string, baseOffset: number, findings: Findings) {
    const load = <T>(kind: FileKind, parse: (bytes: Buffer) => T | undefined): T | undefined => {
      const name = offsetFileName(baseOffset, kind);
      const path = join(directory, name);
      if (!disk.exists(path)) {
        findings.missing(name);
        return undefined;
      }
      const index = parse(disk.readFile(path));
      if (index === undefined)
        findings.problem({ file: name, message: 'expected an index, found bytes that are none' });
      return index;
    };
    this.#baseOffset = baseOffset;
    this.#findings = findings;
    this.#offsets = load('index', (bytes) => SparseIndex.load(bytes)) ?? new SparseIndex();
    this.#times = load('timeindex', (bytes) => SparseIndex.load(bytes)) ?? new SparseIndex();
    this.#aborted = load('txnindex', (bytes) => AbortedIndex.load(bytes)) ?? new AbortedIndex();
  }

  pass(header: BatchHeader, position: number, bytes: Buffer): void {
    const relative = header.baseOffset - this.#baseOffset;
    this.#skipOffsets(relative);
    if (this.#at.offset < this.#offsets.count && this.#offsets.key(this.#at.offset) === relative) {
      if (this.#offsets.value(this.#at.offset) !== position) this.#badOffset();
      this.#at.offset++;
    }
    this.#skipTimes(relative);
    if (this.#at.time < this.#times.count && this.#times.value(this.#at.time) === relative) {
      if (this.#times.key(this.#at.time) !== this.#largestTimestamp) this.#badTime(`${this.#largestTimestamp}`);
      this.#at.time++;
    }
    this.#skipMarkers(header.lastOffset);
    const range = this.#aborted.ranges[this.#at.marker];
    if (range?.markerOffset === header.lastOffset) {
      const isAbort = header.isControl && readMarker(bytes)?.type === 'abort';
      if (!isAbort || header.producerId !== range.producerId) this.#badMarker();
      this.#at.marker++;
    }
    this.#largestTimestamp = Math.max(this.#largestTimestamp, header.maxTimestamp);
  }

  /** What the indexes know of more than there is. */
  end(): void {
    this.#skipOffsets(Number.POSITIVE_INFINITY);
    this.#skipTimes(Number.POSITIVE_INFINITY);
    this.#skipMarkers(Number.POSITIVE_INFINITY);
  }

  #skipOffsets(below: number): void {
    for (; this.#at.offset < this.#offsets.count && this.#offsets.key(this.#at.offset) < below; this.#at.offset++) {
      this.#badOffset();
    }
  }

  #skipTimes(below: number): void {
    for (; this.#at.time < this.#times.count && this.#times.value(this.#at.time) < below; this.#at.time++) {
      this.#badTime('no batch there');
    }
  }

  #skipMarkers(below: number): void {
    for (; (this.#aborted.ranges[this.#at.marker]?.markerOffset ?? below) < below; this.#at.marker++) this.#badMarker();
  }

  #badOffset(): void {
    const message = `expected a batch at position ${this.#offsets.value(this.#at.offset)}, where the index leads`;
    this.#problem('index', this.#baseOffset + this.#offsets.key(this.#at.offset), message);
  }

  #badTime(found: string): void {
    const message = `expected ${this.#times.key(this.#at.time)} as largest timestamp before, found ${found}`;
    this.#problem('timeindex', this.#baseOffset + this.#times.value(this.#at.time), message);
  }

  #badMarker(): void {
    const range = this.#aborted.ranges[this.#at.marker];
    const message = `expected the marker that aborts a transaction of producer ${range?.producerId}`;
    this.#problem('txnindex', range?.markerOffset ?? -1, message);
  }

  #problem(kind: FileKind, offset: number, message: string): void {
    this.#findings.problem({ file: offsetFileName(this.#baseOffset, kind), offset, message });
  }
}
