import { type BatchHeader, NO_PRODUCER_ID } from '@millrace/wire';

import { ProducerCount } from './producer-count.ts';
import type { ProducerDescription, Rejection } from './types.ts';

/**
 * What one partition remembers of each idempotent or transactional producer.
 *
 * P1. State changes only in `apply` and `applyMarker`, with batches that are in the log; `check` decides and changes
 *     nothing. So replaying the log gives the state that was, and a refused or failed append leaves no trace.
 * P2. A batch with the sequences of one of the producer's last five is that batch sent again: the answer is its offset.
 * P3. Otherwise sequences follow on, 2³¹−1 by 0; a new epoch starts at 0.
 * P4. A producer that is not known (its state expired, or was lost with the log) may go on with any sequence.
 * P5. A producer with an open transaction is never forgotten: its first offset holds back the last stable offset.
 * P6. When all partitions together remember too many, the one that met another forgets the one it has not heard of for
 *     longest. So anybody can make up producer ids, and costs those that are silent their memory, not us ours.
 */

/** What clients may have in flight, and thus retry, at once. */
const REMEMBERED_BATCHES_MAX = 5;

const SEQUENCES = 2 ** 31;

export interface SequencedBatch {
  readonly firstSequence: number;
  readonly lastSequence: number;
  readonly baseOffset: number;
  readonly lastOffset: number;
}

export interface ProducerEntry {
  readonly producerId: number;
  epoch: number;
  coordinatorEpoch: number;
  /** Time of the last append, for expiry. */
  lastUsedMs: number;
  /** First offset of the open transaction, −1 when none is. */
  transactionStart: number;
  /** Of this epoch, oldest first. */
  readonly batches: SequencedBatch[];
}

export interface CompletedTransaction {
  readonly producerId: number;
  readonly firstOffset: number;
}

type Origin = 'client' | 'coordinator';

export class ProducerStates {
  /** The longest silent first. */
  readonly #entries = new Map<number, ProducerEntry>();
  readonly #count: ProducerCount;

  constructor(count: ProducerCount = new ProducerCount()) {
    this.#count = count;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** Whether a data batch may be appended; the batch it repeats, if it does; undefined when all is well. */
  check(header: BatchHeader, origin: Origin): SequencedBatch | Rejection | undefined {
    if (header.producerId === NO_PRODUCER_ID) return undefined;
    const entry = this.#entries.get(header.producerId);
    if (entry === undefined) return undefined; // P4
    const { producerId, producerEpoch, baseSequence } = header;
    if (producerEpoch < entry.epoch) return staleEpoch(header, entry);
    // Coordinators write offsets on behalf of a producer, outside of its sequence.
    if (origin === 'client') {
      const repeated = producerEpoch === entry.epoch ? repeatedBatch(entry, header) : undefined;
      if (repeated !== undefined) return repeated; // P2
      const expected = nextSequence(entry, producerEpoch);
      if (baseSequence !== expected) {
        return {
          error: 'OUT_OF_ORDER_SEQUENCE_NUMBER',
          message: `expected sequence ${expected} of producer ${producerId} epoch ${producerEpoch}, found ${baseSequence}`,
        };
      }
    }
    if (entry.transactionStart >= 0 && !header.isTransactional) {
      return {
        error: 'INVALID_TXN_STATE',
        message: `expected a transactional batch of producer ${producerId}, whose transaction is open`,
      };
    }
    return undefined;
  }

  checkMarker(header: BatchHeader, coordinatorEpoch: number): Rejection | undefined {
    const entry = this.#entries.get(header.producerId);
    if (entry === undefined) return undefined;
    if (header.producerEpoch < entry.epoch) return staleEpoch(header, entry);
    if (coordinatorEpoch < entry.coordinatorEpoch) {
      return {
        error: 'TRANSACTION_COORDINATOR_FENCED',
        message: `expected coordinator epoch ${entry.coordinatorEpoch} or later, found ${coordinatorEpoch}`,
      };
    }
    return undefined;
  }

  /** Takes note of a data batch that lies in the log at `baseOffset`. Returns true when it opens a transaction. */
  apply(header: BatchHeader, baseOffset: number, now: number): boolean {
    if (header.producerId === NO_PRODUCER_ID) return false;
    const entry = this.#entryFor(header, now);
    if (header.baseSequence >= 0) {
      entry.batches.push({
        firstSequence: header.baseSequence,
        lastSequence: lastSequenceOf(header),
        baseOffset,
        lastOffset: baseOffset + header.lastOffsetDelta,
      });
      if (entry.batches.length > REMEMBERED_BATCHES_MAX) entry.batches.shift();
    }
    // What compaction emptied holds nothing that anybody could see too early, and its marker may be gone.
    if (!header.isTransactional || header.recordCount === 0 || entry.transactionStart >= 0) return false;
    entry.transactionStart = baseOffset;
    return true;
  }

  /** Takes note of a control batch in the log. Returns the transaction it ends; there may be none. */
  applyMarker(header: BatchHeader, coordinatorEpoch: number, now: number): CompletedTransaction | undefined {
    const entry = this.#entryFor(header, now);
    entry.coordinatorEpoch = coordinatorEpoch;
    if (entry.transactionStart < 0) return undefined;
    const firstOffset = entry.transactionStart;
    entry.transactionStart = -1;
    return { producerId: entry.producerId, firstOffset };
  }

  /** Forgets producers not heard of since `before`. */
  expire(before: number): void {
    for (const entry of this.#entries.values()) {
      if (entry.lastUsedMs < before && entry.transactionStart < 0) this.#forget(entry); // P5
    }
  }

  describe(): ProducerDescription[] {
    return [...this.#entries.values()].map((entry) => ({
      producerId: entry.producerId,
      producerEpoch: entry.epoch,
      lastSequence: entry.batches.at(-1)?.lastSequence ?? -1,
      lastTimestamp: entry.lastUsedMs,
      coordinatorEpoch: entry.coordinatorEpoch,
      currentTransactionStartOffset: entry.transactionStart,
    }));
  }

  entries(): IterableIterator<ProducerEntry> {
    return this.#entries.values();
  }

  /** Whether the state of a producer, if it is remembered, stands on this batch: its last sequence, or its epoch. */
  standsOn({ producerId, producerEpoch, lastOffset, isControl }: BatchHeader): boolean {
    const entry = this.#entries.get(producerId);
    if (entry === undefined) return false;
    const last = entry.batches.at(-1);
    if (last !== undefined) return last.lastOffset === lastOffset;
    return isControl && entry.epoch === producerEpoch;
  }

  /** In the order in which `entries` gave them. */
  restore(entry: ProducerEntry): void {
    this.#entries.set(entry.producerId, entry);
    this.#count.add(1);
  }

  clear(): void {
    this.#count.add(-this.#entries.size);
    this.#entries.clear();
  }

  #forgetSilent(heardNow: ProducerEntry): void {
    for (const entry of this.#entries.values()) {
      if (entry.transactionStart >= 0 || entry === heardNow) continue; // P5
      this.#forget(entry);
      return;
    }
  }

  #forget({ producerId }: ProducerEntry): void {
    this.#entries.delete(producerId);
    this.#count.add(-1);
  }

  #entryFor(header: BatchHeader, now: number): ProducerEntry {
    let entry = this.#entries.get(header.producerId);
    if (entry === undefined) {
      entry = {
        producerId: header.producerId,
        epoch: header.producerEpoch,
        coordinatorEpoch: -1,
        lastUsedMs: now,
        transactionStart: -1,
        batches: [],
      };
      this.#count.add(1);
    } else this.#entries.delete(header.producerId);
    this.#entries.set(header.producerId, entry);
    if (this.#count.isExceeded) this.#forgetSilent(entry);
    if (header.producerEpoch !== entry.epoch) {
      entry.epoch = header.producerEpoch;
      entry.batches.length = 0;
    }
    entry.lastUsedMs = now;
    return entry;
  }
}

function repeatedBatch(entry: ProducerEntry, header: BatchHeader): SequencedBatch | undefined {
  const lastSequence = lastSequenceOf(header);
  for (const batch of entry.batches) {
    if (batch.firstSequence === header.baseSequence && batch.lastSequence === lastSequence) return batch;
  }
  return undefined;
}

function nextSequence(entry: ProducerEntry, epoch: number): number {
  const last = epoch === entry.epoch ? entry.batches.at(-1) : undefined;
  return last === undefined ? 0 : (last.lastSequence + 1) % SEQUENCES; // P3
}

// From the offsets, not the count: compaction removes records and leaves the sequence as it was.
function lastSequenceOf(header: BatchHeader): number {
  return (header.baseSequence + header.lastOffsetDelta) % SEQUENCES;
}

function staleEpoch(header: BatchHeader, entry: ProducerEntry): Rejection {
  return {
    error: 'INVALID_PRODUCER_EPOCH',
    message: `expected epoch ${entry.epoch} or later of producer ${header.producerId}, found ${header.producerEpoch}`,
  };
}
