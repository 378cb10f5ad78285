import { join } from 'node:path';

import type { Disk } from '@millrace/std';

import { type Checkpoint, writeCheckpoint, writeCheckpointAsync } from './checkpoint.ts';
import { offsetFileName } from './file-names.ts';
import { type ProducerSnapshot, takeSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-state.ts';
import { snapshotOffsets } from './recovery.ts';
import { replaceSealedAsync } from './sealed-file.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** The second is for the case that the first is damaged. */
const SNAPSHOTS_KEPT = 2;

/** The log, as its checkpoints see it. */
export interface CheckpointSource {
  readonly disk: Disk;
  readonly directory: string;
  readonly segments: SegmentList;
  readonly producers: ProducerStates;
  now(): { readonly logEndOffset: number } & Omit<Checkpoint, 'recoveryPoint'>;
  sync(): Promise<void>;
  isClosed(): boolean;
  /** What is there now will be covered. */
  onSaving(): void;
  /** The recovery point has moved. */
  onSaved(): void;
  onError(error: unknown): void;
}

/** Moves the recovery point of a partition forward, in the background: one checkpoint at a time. */
export class Checkpoints {
  readonly #source: CheckpointSource;
  #recoveryPoint: number;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  /** Of the file, at once. */
  #writes = 0;
  #isWanted = false;

  constructor(source: CheckpointSource, recoveryPoint: number) {
    this.#source = source;
    this.#recoveryPoint = recoveryPoint;
  }

  get recoveryPoint(): number {
    return this.#recoveryPoint;
  }

  /** Asks for a checkpoint; if one runs, it may be too early for what the caller has in mind, and another follows. */
  soon(): void {
    this.#isWanted = true;
    if (!this.#isRunning) this.#running = this.#run();
  }

  /** When all that was asked for is done. */
  idle(): Promise<void> {
    return this.#running;
  }

  /**
   * Puts everything below the end of the log on the device (K1), in the order in which it builds on each other: batches,
   * indexes, snapshot, and last the file that says so.
   */
  async save(): Promise<void> {
    const { segments, producers } = this.#source;
    const offset = this.#source.now().logEndOffset;
    // Taken before anything is awaited: appends go on meanwhile, and the snapshot is of this offset.
    const snapshot = takeSnapshot(producers, offset);
    this.#source.onSaving();
    const rolled = [...segments.pinned].filter((segment) => segment !== segments.active);
    await this.#source.sync();
    if (this.#source.isClosed()) return;
    for (const segment of [...rolled, segments.active]) {
      await this.#saveIndexes(segment);
      if (this.#source.isClosed()) return;
    }
    await this.#saveSnapshot(snapshot);
    if (this.#source.isClosed()) return;
    for (const segment of rolled) segments.unpin(segment);
    this.#recoveryPoint = offset;
    const writes = this.#writes;
    // What `write` has written meanwhile has this recovery point, too, and newer values beside it.
    const isOutdated = (): boolean => this.#writes !== writes || this.#source.isClosed();
    await writeCheckpointAsync(this.#source.disk, this.#source.directory, this.#content(), isOutdated);
    if (this.#source.isClosed()) return;
    this.#source.onSaved();
  }

  /** Writes the file anew, because the log start or the end of compaction has moved. */
  write(): void {
    this.#writes++;
    writeCheckpoint(this.#source.disk, this.#source.directory, this.#content());
  }

  #content(): Checkpoint {
    const { logEndOffset: _, ...rest } = this.#source.now();
    return { recoveryPoint: this.#recoveryPoint, ...rest };
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    try {
      while (this.#isWanted && !this.#source.isClosed()) {
        this.#isWanted = false;
        await this.save();
      }
    } catch (error) {
      this.#source.onError(error);
    }
    // In the turn that found nothing wanted: who asks a moment later must find nobody running, and begin anew.
    this.#isRunning = false;
  }

  async #saveIndexes(segment: Segment): Promise<void> {
    // Deletion may have removed it while we waited.
    if (!this.#source.segments.pinned.has(segment)) return;
    const files = segment.saveIndexes();
    try {
      await Promise.all(files.map((file) => file.datasync()));
    } finally {
      for (const file of files) file.close();
    }
  }

  async #saveSnapshot(snapshot: ProducerSnapshot): Promise<void> {
    const { disk, directory } = this.#source;
    const pathOf = (offset: number): string => join(directory, offsetFileName(offset, 'snapshot'));
    await replaceSealedAsync(disk, pathOf(snapshot.offset), snapshot);
    if (this.#source.isClosed()) return;
    for (const old of snapshotOffsets(disk.list(directory)).slice(0, -SNAPSHOTS_KEPT)) disk.remove(pathOf(old));
  }
}
