import { join } from 'node:path';

import type { Disk, DiskFile } from '@millrace/std';
import { type BatchHeader, checkBatch, decodeBatch, deleteHorizonOf } from '@millrace/wire';

import { scanBatches } from '../batch-scan.ts';
import { type Checkpoint, readCheckpoint } from '../checkpoint.ts';
import { offsetFileName } from '../file-names.ts';
import { readSealed } from '../sealed-file.ts';
import { IndexCheck } from './index-check.ts';
import type { StoredPartition } from './stored-partition.ts';

export interface Problem {
  /** The file, and where in it. */
  readonly file: string;
  readonly position?: number;
  readonly offset?: number;
  readonly message: string;
}

export interface Verified {
  readonly partition: string;
  readonly segments: number;
  readonly bytes: number;
  readonly batches: number;
  readonly records: number;
  readonly firstOffset: number;
  readonly nextOffset: number;
  readonly problems: readonly Problem[];
  /** Worth knowing, and not wrong. */
  readonly notes: readonly string[];
}

/**
 * Checks a partition without changing anything: every checksum and every record, that offsets rise and lie where the names of
 * files say, that gaps are those of compaction, that indexes lead where they claim to, and that the small files are whole.
 * On a partition that is being written it may meet the last batch half-way.
 */
export function verifyPartition(disk: Disk, partition: StoredPartition): Verified {
  const verification = new Verification(disk, partition);
  for (const [index, baseOffset] of partition.segments.entries()) {
    verification.segment(baseOffset, partition.segments[index + 1]);
  }
  verification.smallFiles();
  return verification.result();
}

class Verification {
  readonly #disk: Disk;
  readonly #partition: StoredPartition;
  readonly #checkpoint: Checkpoint | undefined;
  readonly #problems: Problem[] = [];
  readonly #notes: string[] = [];
  #bytes = 0;
  #batches = 0;
  #records = 0;
  #nextOffset: number;

  constructor(disk: Disk, partition: StoredPartition) {
    this.#disk = disk;
    this.#partition = partition;
    this.#checkpoint = readCheckpoint(disk, partition.directory);
    this.#nextOffset = partition.segments[0] ?? 0;
  }

  segment(baseOffset: number, nextBase: number | undefined): void {
    const name = offsetFileName(baseOffset, 'log');
    const file = this.#disk.open(join(this.#partition.directory, name), { readOnly: true });
    try {
      if (baseOffset < this.#nextOffset) {
        this.#problem({ file: name, message: `expected to begin at or behind offset ${this.#nextOffset}` });
      }
      const indexes = new IndexCheck(this.#disk, this.#partition.directory, baseOffset, {
        problem: (problem) => this.#problem(problem),
        missing: (file) => {
          // The last segments are not saved yet.
          const isSaved = nextBase !== undefined && nextBase <= (this.#checkpoint?.recoveryPoint ?? 0);
          if (isSaved) this.#notes.push(`${file} is missing: it is made anew when it is needed`);
        },
      });
      this.#passBatches(file, name, baseOffset, nextBase, indexes);
      indexes.end();
    } finally {
      file.close();
    }
  }

  smallFiles(): void {
    const { directory, snapshots, unfinished } = this.#partition;
    const checkpoint = readSealed(this.#disk, join(directory, 'checkpoint'));
    if (checkpoint === 'damaged')
      this.#problem({ file: 'checkpoint', message: 'expected a checkpoint, its checksum fails' });
    if (checkpoint === undefined && this.#bytes > 0)
      this.#notes.push('no checkpoint: the next start checks everything');
    const { recoveryPoint = 0, logStartOffset = 0 } = this.#checkpoint ?? {};
    // Of one segment alone the end says nothing.
    const { isWhole } = this.#partition;
    if (isWhole && recoveryPoint > this.#nextOffset) {
      const message = `expected records up to the recovery point ${recoveryPoint}, they end at ${this.#nextOffset}`;
      this.#problem({ file: 'checkpoint', message });
    }
    if (isWhole && logStartOffset > Math.max(this.#nextOffset, recoveryPoint)) {
      const message = `expected a log start of at most ${this.#nextOffset}, found ${logStartOffset}`;
      this.#problem({ file: 'checkpoint', message });
    }
    for (const offset of snapshots) {
      const name = offsetFileName(offset, 'snapshot');
      if (readSealed(this.#disk, join(directory, name)) === 'damaged') {
        this.#problem({ file: name, message: 'expected a snapshot of producers, its checksum fails' });
      }
    }
    for (const name of unfinished) this.#notes.push(`${name} is unfinished: the next start clears it up`);
  }

  result(): Verified {
    return {
      partition: this.#partition.name,
      segments: this.#partition.segments.length,
      bytes: this.#bytes,
      batches: this.#batches,
      records: this.#records,
      firstOffset: this.#partition.segments[0] ?? 0,
      nextOffset: this.#nextOffset,
      problems: this.#problems,
      notes: this.#notes,
    };
  }

  #passBatches(
    file: DiskFile,
    name: string,
    baseOffset: number,
    nextBase: number | undefined,
    indexes: IndexCheck,
  ): void {
    const size = file.size();
    let end = 0;
    let next = baseOffset;
    for (const { position, header, bytes } of scanBatches(file, { from: 0, to: size, isChecked: false })) {
      const where = { file: name, position, offset: header.baseOffset };
      end = position + header.sizeInBytes;
      const message = this.#flawOf(header, bytes(), next, nextBase);
      if (message === undefined) indexes.pass(header, position, bytes());
      else this.#problem({ ...where, message });
      this.#batches++;
      this.#records += header.recordCount;
      next = Math.max(next, header.lastOffset + 1);
    }
    if (end < size) {
      const message = `expected a batch, found ${size - end} bytes that are none`;
      this.#problem({ file: name, position: end, message });
    }
    this.#bytes += size;
    this.#nextOffset = next;
    if (nextBase !== undefined && next !== nextBase && !this.#isCompacted(nextBase)) {
      this.#problem({ file: name, message: `expected records up to offset ${nextBase}, they end at ${next}` });
    }
  }

  #flawOf(header: BatchHeader, bytes: Buffer, next: number, nextBase: number | undefined): string | undefined {
    const flaw = checkBatch(bytes);
    if (flaw !== 'ok') return `expected a sound batch, found ${flaw}`;
    if (header.baseOffset < next) return `expected offset ${next} or later, found ${header.baseOffset}`;
    if (header.baseOffset > next && !this.#isCompacted(header.baseOffset)) {
      return `expected offset ${next}, found ${header.baseOffset}: offsets are missing where nothing was compacted`;
    }
    if (nextBase !== undefined && header.lastOffset >= nextBase) {
      return `expected offsets below ${nextBase}, found ${header.lastOffset}`;
    }
    return flawOfRecords(header, bytes);
  }

  #isCompacted(before: number): boolean {
    return before <= (this.#checkpoint?.cleanedTo ?? 0);
  }

  #problem(problem: Problem): void {
    this.#problems.push(problem);
  }
}

function flawOfRecords(header: BatchHeader, bytes: Buffer): string | undefined {
  try {
    const { records } = decodeBatch(bytes);
    let last = header.baseOffset - 1;
    for (const { offset } of records) {
      if (offset <= last || offset > header.lastOffset) {
        return `expected record offsets from ${last + 1} to ${header.lastOffset}, found ${offset}`;
      }
      last = offset;
    }
    if (deleteHorizonOf(header) === undefined && records.length !== header.recordCount) {
      return `expected ${header.recordCount} records, found ${records.length}`;
    }
    return undefined;
  } catch (error) {
    return `expected records, found ${error instanceof Error ? error.message : String(error)}`;
  }
}
