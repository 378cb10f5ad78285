import type { BatchHeader } from '@millrace/wire';

import type { AbortedRange } from './aborted-index.ts';
import type { Marker } from './control-marker.ts';
import type { ProducerCount } from './producer-count.ts';
import { ProducerStates } from './producer-state.ts';
import { UnstableTransactions } from './unstable-transactions.ts';

/** What follows from the batches of a partition, in order: producers and transactions. Replay and append both come here. */
export class PartitionState {
  readonly producers: ProducerStates;
  readonly unstable = new UnstableTransactions();

  constructor(producerCount?: ProducerCount) {
    this.producers = new ProducerStates(producerCount);
  }

  /** Returns the transaction that the batch aborts. */
  apply(header: BatchHeader, baseOffset: number, marker: Marker | undefined, now: number): AbortedRange | undefined {
    if (!header.isControl) {
      if (this.producers.apply(header, baseOffset, now)) this.unstable.begin(baseOffset);
      return undefined;
    }
    // A control type that we do not know ends nothing, as readers skip it.
    if (marker?.type === undefined) return undefined;
    const completed = this.producers.applyMarker(header, marker.coordinatorEpoch, now);
    if (completed === undefined) return undefined;
    const markerOffset = baseOffset + header.lastOffsetDelta;
    this.unstable.end(completed.firstOffset, markerOffset);
    if (marker.type === 'commit') return undefined;
    const lastStableOffset = this.unstable.firstOpenOffset ?? markerOffset + 1;
    return { ...completed, markerOffset, lastStableOffset };
  }

  /** After producers came from a snapshot: their open transactions hold back readers again. */
  restoreTransactions(): void {
    const starts = Array.from(this.producers.entries(), (entry) => entry.transactionStart);
    for (const start of starts.filter((one) => one >= 0).sort((a, b) => a - b)) this.unstable.begin(start);
  }
}
