import type { BatchHeader } from '@millrace/wire';

import type { Segment } from './segment.ts';
import type { SegmentList } from './segment-list.ts';

/** Work done between two pauses: a few ms at the most, for a request that waits meanwhile. */
const STRIDE_BYTES = 256 * 1024;

export interface WalkOptions {
  readonly segments: SegmentList;
  isClosed(): boolean;
  pause(): Promise<void>;
}

/** A batch on its way through compaction. */
export interface WalkedBatch {
  readonly header: BatchHeader;
  /** Valid until the next one is asked for. */
  readonly source: Buffer;
}

/** The batches of a segment, with a pause now and then. Ends early when the log is closed or the segment deleted. */
export class BatchWalk {
  readonly #options: WalkOptions;
  readonly #segment: Segment;

  constructor(options: WalkOptions, segment: Segment) {
    this.#options = options;
    this.#segment = segment;
  }

  async *from(offset: number): AsyncGenerator<WalkedBatch> {
    const { segments } = this.#options;
    let next = offset;
    for (;;) {
      let bytes = 0;
      for (const batch of segments.use(this.#segment).batchesFrom(next)) {
        yield { header: batch.header, source: batch.bytes() };
        next = batch.header.lastOffset + 1;
        bytes += batch.header.sizeInBytes;
        if (bytes >= STRIDE_BYTES) break;
      }
      if (bytes < STRIDE_BYTES) return;
      await this.#options.pause();
      // Others may have released the file meanwhile, so the scan begins anew from where it was.
      if (this.#options.isClosed() || !segments.all.includes(this.#segment)) return;
    }
  }
}
