import { crc32 } from 'node:zlib';

import { AssertionError, type Clock, messageOf } from '@millrace/std';
import { type BatchHeader, patchBatch } from '@millrace/wire';

import { admittedBatch } from './batch-rules.ts';
import type { Checkpoint } from './checkpoint.ts';
import { Checkpoints } from './checkpoints.ts';
import { segmentAgeMsMax } from './cleanable.ts';
import { compactSegments, ReplacementError } from './compaction.ts';
import { type Marker, readMarker } from './control-marker.ts';
import { LogOfflineError } from './errors.ts';
import { GroupCommit } from './group-commit.ts';
import { isCompacted, type LogConfig } from './log-config.ts';
import type { LogOptions } from './log-options.ts';
import { abortedFilter, abortedIn, firstAtTimestamp, gatherBatches, lastTimestamp } from './log-reader.ts';
import type { PartitionState } from './partition-state.ts';
import { type RecoveryReport, recoverPartition } from './recovery.ts';
import { immediateSyncs } from './recovery-syncs.ts';
import { offline, outOfRange, unreadable } from './rejections.ts';
import { retainedFrom } from './retention.ts';
import { type SavedPartition, savedPartition } from './saved-partition.ts';
import type { Segment } from './segment.ts';
import { SegmentList } from './segment-list.ts';
import { Tail } from './tail-cache.ts';
import type * as t from './types.ts';

/** A checkpoint is due after this much: what a crash leaves to check is at most this and a segment. */
const CHECKPOINT_BYTES = 64 * 1024 * 1024;
/** More in one system call makes it no cheaper, and by then the batches have left the processor's cache. */
const UNWRITTEN_BYTES_MAX = 1024 * 1024;
/** Relative offsets are kept in 32 bits. */
const SEGMENT_OFFSETS_MAX = 2 ** 31 - 1;
/** As Kafka's producer.id.expiration.ms. */
const PRODUCER_EXPIRY_MS = 24 * 3_600_000;

/**
 * One partition.
 *
 * L1. Offsets follow on without a gap, in the order of appends. An append that was refused leaves no trace.
 * L2. Readers see nothing at or above the high watermark: with fsync `always` it is what is on the device, so that nobody
 *     acts on a record that a power loss takes back.
 * L3. A failed write or sync is final: what the device holds is then unknown (D2). The partition goes offline with the
 *     reason, refuses appends, and serves what was durable before.
 * L5. Appending is one checksum pass, one walk over the records, one patch of 12 bytes, and one write for all that came
 *     together. Indexes, snapshots and syncs come later.
 */
export class Log {
  readonly name: string;
  readonly recovery: RecoveryReport;
  readonly #options: LogOptions;
  readonly #segments: SegmentList;
  readonly #partition: PartitionState;
  readonly #tail: Tail;
  readonly #checkpoints: Checkpoints;
  readonly #commit = new GroupCommit(() => this.#flush());
  readonly #listeners = new Set<() => void>();
  readonly #unsynced = new Set<Segment>();
  #config: LogConfig;
  #state: t.LogState = { kind: 'online' };
  #logStartOffset: number;
  #logEndOffset: number;
  #durableOffset: number;
  #highWatermark: number;
  #activeSinceMs: number;
  #cleanedTo: number;
  #horizonMs = Number.POSITIVE_INFINITY;

  /** Recovers what is in the directory, which must exist. */
  static open(options: LogOptions): Log {
    return new Log(options);
  }

  private constructor(options: LogOptions) {
    const { disk, directory, clock, config, isClean, openSegments, tailCache, producerCount } = options;
    const { indexIntervalBytes } = config;
    const mayHaveGaps = isCompacted(config);
    const now = clock.now();
    const syncs = options.syncs ?? immediateSyncs(disk);
    const recovered = recoverPartition({
      disk,
      directory,
      indexIntervalBytes,
      isClean,
      mayHaveGaps,
      now,
      producerCount,
      syncs,
      saved: options.saved,
    });
    this.name = options.name;
    this.#options = options;
    this.#config = config;
    this.recovery = recovered.report;
    this.#partition = recovered.state;
    this.#segments = new SegmentList(disk, directory, openSegments, recovered.segments);
    this.#logStartOffset = recovered.logStartOffset;
    this.#logEndOffset = this.#segments.active.nextOffset;
    this.#durableOffset = this.#logEndOffset;
    this.#highWatermark = this.#logEndOffset;
    this.#activeSinceMs = recovered.activeSinceMs;
    this.#cleanedTo = recovered.cleanedTo;
    for (const segment of recovered.segments) segment.writtenAtMs = now;
    this.#tail = new Tail(tailCache, this.#logEndOffset);
    this.#checkpoints = this.#checkpointsFrom(recovered);
  }

  get state(): t.LogState {
    return this.#state;
  }

  get config(): LogConfig {
    return this.#config;
  }

  /** The oldest offset that is kept. */
  get logStartOffset(): number {
    return this.#logStartOffset;
  }

  /** Readers see what is below. */
  get highWatermark(): number {
    return this.#highWatermark;
  }

  /** Where the next batch goes. */
  get logEndOffset(): number {
    return this.#logEndOffset;
  }

  /** Below it every transaction is decided, durably. */
  get lastStableOffset(): number {
    const first = this.#partition.unstable.firstOffset ?? this.#highWatermark;
    // What is below the log start has been deleted, decided or not.
    return Math.max(Math.min(first, this.#highWatermark), this.#logStartOffset);
  }

  get sizeInBytes(): number {
    return this.#segments.sizeInBytes;
  }

  /** Appends one batch, patching offset and epoch into it. The log keeps the buffer: it must not be written any more. */
  append(given: Buffer, options: t.AppendOptions): t.AppendResult {
    if (this.#state.kind === 'offline') return this.#offline();
    const now = this.#options.clock.now();
    const admitted = admittedBatch(given, this.#config, options.origin, now);
    if ('error' in admitted) return admitted;
    const { batch, header } = admitted;
    const marker = header.isControl ? readMarker(batch) : undefined;
    const known = this.#judge(header, marker, options.origin);
    if (known !== undefined) return known;

    const isStamped = this.#config.timestampType === 'LogAppendTime' && !header.isControl;
    const baseOffset = this.#logEndOffset;
    const lastOffset = baseOffset + header.lastOffsetDelta;
    const partitionLeaderEpoch = options.leaderEpoch ?? 0;
    patchBatch(
      batch,
      0,
      isStamped ? { baseOffset, partitionLeaderEpoch, logAppendTime: now } : { baseOffset, partitionLeaderEpoch },
    );
    const maxTimestamp = isStamped ? now : header.maxTimestamp;
    let segment: Segment;
    try {
      segment = this.#segmentFor(batch.length, lastOffset, now);
      segment.append(batch, { baseOffset, lastOffset, maxTimestamp, sizeInBytes: batch.length });
      if (options.write !== 'later' || segment.unwrittenBytes >= UNWRITTEN_BYTES_MAX) segment.write();
    } catch (error) {
      return this.#fail(error);
    }
    // From here on the batch is in the log (L1, P1).
    this.#logEndOffset = lastOffset + 1;
    const aborted = this.#partition.apply(header, baseOffset, marker, now);
    if (aborted !== undefined) segment.aborted.add(aborted);
    this.#unsynced.add(segment);
    this.#tail.push(batch, this.#logEndOffset);
    this.#advanceWritten();
    if (this.#options.uncheckedBytes.add(this, batch.length) >= CHECKPOINT_BYTES) this.#checkpoints.soon();
    const logAppendTimeMs = isStamped ? now : -1;
    return { baseOffset, lastOffset, logAppendTimeMs, logStartOffset: this.#logStartOffset, isDuplicate: false };
  }

  /** Writes what was appended with `write: 'later'`. Failing takes the partition offline (L3): `state` says so. */
  write(): void {
    if (this.#state.kind === 'offline') return;
    try {
      this.#segments.active.write();
    } catch (error) {
      this.#fail(error);
      return;
    }
    this.#advanceWritten();
  }

  /**
   * Resolves when everything appended so far is on the device; callers at the same time share one fdatasync. While all
   * partitions together have too much behind their recovery points, it waits for checkpoints: that slows who writes.
   */
  sync(): Promise<void> {
    if (this.#state.kind === 'offline') return Promise.reject(new LogOfflineError(this.name, this.#state.reason));
    if (this.#durableOffset >= this.#logEndOffset) return DONE;
    const durable = this.#commit.join();
    const room = this.#options.uncheckedBytes.room();
    return room === undefined ? durable : Promise.all([durable, room]).then(ignore);
  }

  read(offset: number, bytesMax: number, options: t.ReadOptions): t.ReadResult {
    if (offset < this.#logStartOffset || offset > this.#logEndOffset)
      return outOfRange(this.name, offset, this.#logStartOffset, this.#logEndOffset);
    const { highWatermark, lastStableOffset, logStartOffset } = this;
    const isCommitted = options.isolation === 'read_committed';
    const end = isCommitted ? lastStableOffset : highWatermark;
    const around = { highWatermark, lastStableOffset, logStartOffset };
    if (offset >= end) return { chunks: [], sizeInBytes: 0, nextOffset: offset, abortedTransactions: [], ...around };
    const skipsAborted = isCommitted && options.skipAborted === true;
    const skip = skipsAborted ? abortedFilter(this.#segments, offset) : undefined;
    const range = { from: offset, end, bytesMax, atLeastOne: options.atLeastOne, skip };
    const found = this.#reading(() => gatherBatches(this.#segments, this.#tail, range));
    if ('error' in found) return found;
    if (found.isDamaged && found.bytes === 0) return unreadable(this.name, `no batch at offset ${found.nextOffset}`);
    const abortedTransactions = isCommitted && !skipsAborted ? abortedIn(this.#segments, offset, found.nextOffset) : [];
    const { chunks, bytes: sizeInBytes, nextOffset } = found;
    return { chunks, sizeInBytes, nextOffset, abortedTransactions, ...around };
  }

  /** The first record that is not older than `timestamp`, below what `isolation` lets a reader see. */
  offsetForTimestamp(timestamp: number, isolation: t.Isolation): t.TimestampedOffset | t.Rejection | null {
    this.write();
    const end = this.#visibleEnd(isolation);
    return this.#reading(() => firstAtTimestamp(this.#segments, timestamp, this.#logStartOffset, end));
  }

  /** The first record of those with the largest timestamp. */
  offsetForMaxTimestamp(isolation: t.Isolation): t.TimestampedOffset | t.Rejection | null {
    this.write();
    const end = this.#visibleEnd(isolation);
    return this.#reading(() => lastTimestamp(this.#segments, this.#logStartOffset, end));
  }

  producers(): t.ProducerDescription[] {
    return this.#partition.producers.describe();
  }

  /** Calls back after the high watermark, the last stable offset, the log start or the state moved. */
  onAdvance(listener: () => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  configure(config: LogConfig): void {
    this.#config = config;
  }

  /** Lets go of everything before an offset; at or below the log start there is nothing to do. */
  deleteRecords(before: number): t.DeleteRecordsResult {
    if (this.#state.kind === 'offline') return this.#offline();
    if (before > this.#highWatermark || before < 0)
      return outOfRange(this.name, before, this.#logStartOffset, this.#highWatermark);
    try {
      if (before > this.#logStartOffset) this.#startAt(before);
    } catch (error) {
      return this.#fail(error);
    }
    return { logStartOffset: this.#logStartOffset };
  }

  /** Removes segments that are too old or too many, and producers not heard of for long. Returns how many segments. */
  retain(): number {
    if (this.#state.kind === 'offline') return 0;
    const now = this.#options.clock.now();
    this.#partition.producers.expire(now - PRODUCER_EXPIRY_MS);
    const before = this.#segments.all.length;
    try {
      const start = retainedFrom(this.#segments, this.#config, this.lastStableOffset, now);
      if (start <= this.#logStartOffset) return 0;
      if (start === this.#segments.active.nextOffset) this.#roll(now);
      const segments = this.#segments.closed.filter(({ nextOffset }) => nextOffset <= start).length;
      this.#startAt(start);
      this.#tell({ kind: 'retained', partition: this.name, logStartOffset: start, segments });
    } catch (error) {
      this.#fail(error);
    }
    return Math.max(before - this.#segments.all.length, 0);
  }

  /** Rewrites closed segments so that of each key only the last record is left, when enough of them is new. */
  async compact(): Promise<void> {
    // A write that fails while a segment is rolled is no reason to try compaction again later: it is final (L3).
    this.write();
    if (this.#state.kind === 'offline') return;
    const { disk, directory, clock } = this.#options;
    const now = clock.now();
    try {
      this.#rollOld(now);
      const compacted = await compactSegments({
        disk,
        directory,
        segments: this.#segments,
        config: this.#config,
        before: Math.min(this.#checkpoints.recoveryPoint, this.lastStableOffset),
        cleanedTo: this.#cleanedTo,
        horizonMs: this.#horizonMs,
        now,
        isLastOf: (header) => this.#partition.producers.standsOn(header),
        isClosed: () => this.#state.kind === 'offline',
        pause: pacer(clock),
      });
      if (compacted === undefined) return;
      const { cleanedTo, horizonMs, ...figures } = compacted;
      this.#cleanedTo = cleanedTo;
      this.#horizonMs = horizonMs;
      this.#checkpoints.write();
      this.#tell({ kind: 'compacted', partition: this.name, ...figures });
    } catch (error) {
      // Until it replaces a file, compaction changes nothing that counts, so that a full disk only puts it off.
      if (error instanceof ReplacementError || error instanceof AssertionError) this.#fail(error.cause ?? error);
      else this.#tell({ kind: 'compaction failed', partition: this.name, reason: messageOf(error) });
    }
  }

  /** Resolves when the recovery point is no further back than where the log ended at the call. */
  async checkpoint(): Promise<void> {
    if (this.#state.kind === 'online' && this.#checkpoints.recoveryPoint < this.#logEndOffset) this.#checkpoints.soon();
    await this.#checkpoints.idle();
  }

  /**
   * Makes everything durable, so that the next open has nothing to check. An offline log is closed as it is; then this
   * resolves to false.
   */
  async close(): Promise<boolean> {
    try {
      await this.#checkpoints.idle();
      const isSaved = this.#logEndOffset === this.#checkpoints.recoveryPoint;
      if (this.#state.kind === 'online' && !isSaved) await this.#checkpoints.save();
    } catch (error) {
      this.#fail(error);
    }
    const wasOnline = this.#state.kind === 'online';
    await this.discard();
    return wasOnline;
  }

  /** After `close` has resolved to true: what the next open needs to know; undefined where it has to look for itself. */
  saved(): SavedPartition | undefined {
    return savedPartition(this.#checkpoints.saved, this.#segments.all);
  }

  /** Closes the files without saving anything: the partition is about to be removed. */
  async discard(): Promise<void> {
    if (this.#state.kind === 'online') this.#state = { kind: 'offline', reason: `${this.name} was closed` };
    this.#options.uncheckedBytes.clear(this);
    this.#notify();
    this.#partition.producers.clear();
    await this.#commit.idle();
    this.#segments.close();
  }

  #judge(
    header: BatchHeader,
    marker: Marker | undefined,
    origin: 'client' | 'coordinator',
  ): t.AppendResult | undefined {
    if (header.isControl) {
      if (marker !== undefined) return this.#partition.producers.checkMarker(header, marker.coordinatorEpoch);
      return { error: 'INVALID_RECORD', message: 'expected a marker in a control batch' };
    }
    const known = this.#partition.producers.check(header, origin);
    if (known === undefined || 'error' in known) return known;
    const { baseOffset, lastOffset } = known;
    return { baseOffset, lastOffset, logAppendTimeMs: -1, logStartOffset: this.#logStartOffset, isDuplicate: true };
  }

  #segmentFor(bytes: number, lastOffset: number, now: number): Segment {
    const { active } = this.#segments;
    if (active.size === 0) {
      this.#activeSinceMs = now;
      return active;
    }
    const isFull = active.size + bytes > this.#config.segmentBytes;
    const isIndexFull = active.indexBytes >= this.#config.segmentIndexBytes;
    const isFar = lastOffset - active.baseOffset > SEGMENT_OFFSETS_MAX;
    return isFull || isIndexFull || isFar || this.#isOld(now) ? this.#roll(now) : active;
  }

  /** Some earlier than others, always the same for one segment. */
  #isOld(now: number): boolean {
    const ageMsMax = segmentAgeMsMax(this.#config);
    const jitterMs = Math.min(this.#config.segmentJitterMs, ageMsMax);
    const early = jitterMs > 0 ? crc32(`${this.name}:${this.#segments.active.baseOffset}`) % jitterMs : 0;
    return now - this.#activeSinceMs >= ageMsMax - early;
  }

  /** Records of a partition that nobody writes any more are to be compacted, too. */
  #rollOld(now: number): void {
    if (this.#segments.active.size > 0 && this.#isOld(now)) this.#roll(now);
  }

  #roll(now: number): Segment {
    this.#segments.active.write();
    this.#segments.active.writtenAtMs = now;
    const segment = this.#segments.roll(this.#config.indexIntervalBytes);
    this.#activeSinceMs = now;
    this.#checkpoints.soon();
    return segment;
  }

  #checkpointsFrom(recovered: Pick<Checkpoint, 'recoveryPoint' | 'producers'>): Checkpoints {
    const { disk, directory } = this.#options;
    const source = {
      disk,
      directory,
      segments: this.#segments,
      producers: this.#partition.producers,
      now: () => ({
        logEndOffset: this.#logEndOffset,
        logStartOffset: this.#logStartOffset,
        activeSinceMs: this.#activeSinceMs,
        activeOffset: this.#segments.active.baseOffset,
        activeBytes: this.#segments.active.size,
        cleanedTo: this.#cleanedTo,
      }),
      // Not by way of `sync`, which may wait for this checkpoint.
      sync: () => (this.#durableOffset >= this.#logEndOffset ? DONE : this.#commit.join()),
      isClosed: () => this.#state.kind === 'offline',
      onSaving: () => this.#options.uncheckedBytes.saving(this),
      onSaved: () => {
        this.#options.uncheckedBytes.saved(this);
        this.#removeDeleted();
      },
      onError: (error: unknown) => void this.#fail(error),
    };
    return new Checkpoints(source, recovered);
  }

  async #flush(): Promise<void> {
    this.write();
    if (this.state.kind === 'offline') throw new LogOfflineError(this.name, this.state.reason);
    const end = this.#logEndOffset;
    const segments = [...this.#unsynced];
    this.#unsynced.clear();
    try {
      await Promise.all(segments.map((segment) => segment.datasync()));
    } catch (error) {
      this.#fail(error);
    }
    const state: t.LogState = this.#state;
    if (state.kind === 'offline') throw new LogOfflineError(this.name, state.reason);
    this.#durableOffset = end;
    this.#advance(end);
  }

  /** With `never` what is in the file is visible (L2). */
  #advanceWritten(): void {
    if (this.#options.fsync === 'never' && this.#segments.active.unwrittenBytes === 0)
      this.#advance(this.#logEndOffset);
  }

  #advance(end: number): void {
    if (end <= this.#highWatermark) return;
    this.#highWatermark = end;
    this.#partition.unstable.settle(end);
    this.#notify();
  }

  #notify(): void {
    for (const listener of this.#listeners) listener();
  }

  #startAt(offset: number): void {
    this.#logStartOffset = offset;
    this.#checkpoints.write(); // K2
    if (offset > this.#checkpoints.recoveryPoint) this.#checkpoints.soon();
    this.#removeDeleted();
    this.#notify();
  }

  /** K3. What a crash leaves of them is removed at the next open. */
  #removeDeleted(): void {
    for (const segment of this.#segments.takeBelow(Math.min(this.#logStartOffset, this.#checkpoints.recoveryPoint))) {
      this.#unsynced.delete(segment);
      segment.removeFiles();
    }
  }

  #visibleEnd(isolation: t.Isolation): number {
    return isolation === 'read_committed' ? this.lastStableOffset : this.#highWatermark;
  }

  /** A failed read says nothing about what is written next: the reader is told, the partition goes on. */
  #reading<T>(read: () => T): T | t.Rejection {
    try {
      return read();
    } catch (error) {
      if (error instanceof AssertionError) throw error;
      return unreadable(this.name, messageOf(error));
    }
  }

  /** L3. */
  #fail(error: unknown): t.Rejection {
    // An invariant that does not hold stops more than a partition.
    if (error instanceof AssertionError) throw error;
    if (this.#state.kind === 'online') {
      this.#state = { kind: 'offline', reason: messageOf(error) };
      this.#options.uncheckedBytes.clear(this);
      this.#notify();
      this.#tell({ kind: 'offline', partition: this.name, reason: this.#state.reason });
    }
    return this.#offline();
  }

  #tell(event: t.LogEvent): void {
    this.#options.onEvent?.(event);
  }

  #offline(): t.Rejection {
    return offline(this.name, this.#state.kind === 'offline' ? this.#state.reason : 'online');
  }
}

const DONE = Promise.resolve();
const ignore = (): void => {};

/** Half of the time is left to others, however much there is to do. */
function pacer(clock: Clock): () => Promise<void> {
  let began = clock.monotonic();
  return async () => {
    const worked = clock.monotonic() - began;
    await new Promise<void>((resolve) => void clock.after(worked, resolve));
    began = clock.monotonic();
  };
}
