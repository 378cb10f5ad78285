import { type BatchHeader, deleteHorizonOf, emptyBatch, rewriteBatch, type WireRecord } from '@millrace/wire';

import type { WalkedBatch } from './batch-walk.ts';
import { readMarker } from './control-marker.ts';
import { type Latest, readableRecords } from './latest-offsets.ts';

export interface RetainedRules {
  readonly latest: Latest;
  readonly now: number;
  readonly deleteRetentionMs: number;
  isAborted(header: BatchHeader, bytes: Buffer): boolean;
  /** Z4. */
  isNeeded(header: BatchHeader): boolean;
}

/** What compaction leaves of each batch. Takes them in the order of the log; Z1–Z6 are in `compaction.ts`. */
export class Retained {
  /** When the first of what is kept for a time may go. */
  horizonMs = Number.POSITIVE_INFINITY;
  readonly droppedMarkers = new Set<number>();
  readonly #rules: RetainedRules;
  /** Producers of transactions with data that is kept, and whose marker has not come yet. */
  readonly #withData = new Set<number>();

  constructor(rules: RetainedRules) {
    this.#rules = rules;
  }

  /** The batch as it was (the same buffer), another in its place, or undefined when nothing of it stays. */
  of({ header, source }: WalkedBatch): Buffer | undefined {
    if (header.lastOffset >= this.#rules.latest.end) return source;
    if (header.isControl) return this.#marker(header, source);
    if (this.#rules.isAborted(header, source)) return this.#leftover(header, source); // Z3
    const kept = this.#data(header, source);
    if (kept !== undefined && header.isTransactional) this.#withData.add(header.producerId);
    return kept ?? this.#leftover(header, source);
  }

  /** Z3, Z6. */
  #marker(header: BatchHeader, source: Buffer): Buffer | undefined {
    const endsData = this.#withData.delete(header.producerId);
    if (endsData || readMarker(source)?.type === undefined) return source;
    const horizon = deleteHorizonOf(header);
    if (horizon === undefined) {
      return rewriteBatch(header, readableRecords(source) as WireRecord[], this.#newHorizon());
    }
    if (horizon > this.#rules.now || this.#rules.isNeeded(header)) {
      this.#until(horizon);
      return source;
    }
    this.droppedMarkers.add(header.lastOffset);
    return undefined;
  }

  #data(header: BatchHeader, source: Buffer): Buffer | undefined {
    const records = readableRecords(source);
    if (records === undefined) return source; // Z5
    const { latest, now } = this.#rules;
    const horizon = deleteHorizonOf(header);
    const isOver = horizon !== undefined && horizon <= now;
    const kept = records.filter((record) => latest.isLatest(record) && !(isOver && record.value === null));
    if (kept.length === 0) return undefined;
    const hasTombstones = kept.some((record) => record.value === null);
    if (horizon === undefined && hasTombstones) return rewriteBatch(header, kept, this.#newHorizon());
    if (horizon !== undefined && hasTombstones) this.#until(horizon);
    return kept.length === records.length ? source : rewriteBatch(header, kept, horizon);
  }

  #leftover(header: BatchHeader, source: Buffer): Buffer | undefined {
    if (!this.#rules.isNeeded(header)) return undefined;
    return header.recordCount === 0 ? source : emptyBatch(source);
  }

  #newHorizon(): number {
    const horizon = this.#rules.now + this.#rules.deleteRetentionMs;
    this.#until(horizon);
    return horizon;
  }

  #until(horizonMs: number): void {
    // What is needed for longer than its horizon is looked at again when something else is due.
    if (horizonMs > this.#rules.now && horizonMs < this.horizonMs) this.horizonMs = horizonMs;
  }
}
