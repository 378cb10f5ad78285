import type { Disk } from '@millrace/std';

import { type Checkpoint, writeCheckpoint, writeCheckpointAsync } from './checkpoint.ts';
import { type ProducerSnapshot, takeSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-state.ts';
import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** The log, as its checkpoints see it. */
export interface CheckpointSource {
  readonly disk: Disk;
  readonly directory: string;
  readonly segments: SegmentList;
  readonly producers: ProducerStates;
  now(): { readonly logEndOffset: number } & Omit<Checkpoint, 'recoveryPoint' | 'producers'>;
  sync(): Promise<void>;
  isClosed(): boolean;
  /** What is there now will be covered. */
  onSaving(): void;
  /** It is, and the recovery point has moved. */
  onSaved(): void;
  onError(error: unknown): void;
}

/** Moves the recovery point of a partition forward, in the background: one checkpoint at a time. */
export class Checkpoints {
  readonly #source: CheckpointSource;
  #recoveryPoint: number;
  /** As of the recovery point; undefined when it is in a file of its own. */
  #snapshot: ProducerSnapshot | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;
  /** Of the file, at once. */
  #writes = 0;
  #isWanted = false;

  constructor(source: CheckpointSource, { recoveryPoint, producers }: Pick<Checkpoint, 'recoveryPoint' | 'producers'>) {
    this.#source = source;
    this.#recoveryPoint = recoveryPoint;
    this.#snapshot = producers;
  }

  get recoveryPoint(): number {
    return this.#recoveryPoint;
  }

  /** What the file says; undefined while the producers of an older version are in another. */
  get saved(): Checkpoint | undefined {
    return this.#snapshot === undefined ? undefined : this.#content();
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
   * Puts everything below the end of the log on the device (K1): batches and indexes at the same time, since neither counts
   * before the file that says so, with the snapshot in it, has its name.
   */
  async save(): Promise<void> {
    const { segments, producers } = this.#source;
    const offset = this.#source.now().logEndOffset;
    // Taken before anything is awaited: appends go on meanwhile, and the snapshot is of this offset.
    const snapshot = takeSnapshot(producers, offset);
    this.#source.onSaving();
    const rolled = [...segments.pinned].filter((segment) => segment !== segments.active);
    await Promise.all([this.#source.sync(), this.#saveIndexes([...rolled, segments.active])]);
    if (this.#source.isClosed()) return;
    for (const segment of rolled) segments.unpin(segment);
    this.#recoveryPoint = offset;
    this.#snapshot = snapshot;
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
    return { recoveryPoint: this.#recoveryPoint, ...rest, producers: this.#snapshot };
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

  async #saveIndexes(segments: readonly Segment[]): Promise<void> {
    for (const segment of segments) {
      // Deletion may have removed it while we waited.
      if (this.#source.isClosed() || !this.#source.segments.pinned.has(segment)) continue;
      const files = segment.saveIndexes();
      try {
        await Promise.all(files.map((file) => file.datasync()));
      } finally {
        for (const file of files) file.close();
      }
    }
  }
}
