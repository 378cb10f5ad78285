const SLAB_BYTES = 256 * 1024;
const SLAB_BATCH_BYTES_MAX = SLAB_BYTES / 8;

/** What an entry takes beside its batch: a view, and what leads to it. Of tiny batches that is the larger part. */
const ENTRY_BYTES = 300;

/** The newest batches of all partitions in memory, up to a bound: readers that keep up never touch a file. */
export class TailCache {
  readonly #bytesMax: number;
  readonly #entryBytes: number;
  #bytes = 0;
  /** Oldest first; entries before `#first` have gone. */
  #queue: { readonly tail: Tail; readonly bytes: number }[] = [];
  #first = 0;
  #slab: Buffer = Buffer.alloc(0);
  #slabUsed = 0;

  constructor(bytesMax: number, entryBytes = ENTRY_BYTES) {
    this.#bytesMax = bytesMax;
    this.#entryBytes = entryBytes;
  }

  get bytes(): number {
    return this.#bytes;
  }

  /** Batches above this would drive out everything else. */
  get batchBytesMax(): number {
    return this.#bytesMax / 8;
  }

  /** A copy of the batch. Small ones lie side by side in one piece of memory, as they came, and leave together. */
  copy(batch: Buffer): Buffer {
    if (batch.length > SLAB_BATCH_BYTES_MAX) {
      const copy = Buffer.allocUnsafeSlow(batch.length);
      batch.copy(copy);
      return copy;
    }
    if (this.#slabUsed + batch.length > this.#slab.length) {
      this.#slab = Buffer.allocUnsafeSlow(SLAB_BYTES);
      this.#slabUsed = 0;
    }
    const copy = this.#slab.subarray(this.#slabUsed, this.#slabUsed + batch.length);
    this.#slabUsed += batch.length;
    batch.copy(copy);
    return copy;
  }

  admit(tail: Tail, bytes: number): void {
    const counted = bytes + this.#entryBytes;
    this.#queue.push({ tail, bytes: counted });
    this.#bytes += counted;
    while (this.#bytes > this.#bytesMax) {
      const oldest = this.#queue[this.#first++];
      if (oldest === undefined) return;
      this.#bytes -= oldest.bytes;
      oldest.tail.evictOldest();
    }
    if (this.#first > 1024 && this.#first * 2 > this.#queue.length) {
      this.#queue = this.#queue.slice(this.#first);
      this.#first = 0;
    }
  }
}

/** A tail that got this much since a reader was there has none that keeps up. */
const UNREAD_BYTES_MAX = 8 * 1024 * 1024;

/** A batch that is at least one part in so many of the memory it lies in is not copied. */
const SHARE_MIN = 8;

interface TailBatch {
  readonly nextOffset: number;
  readonly batch: Buffer;
}

/**
 * The newest batches of one partition, without a gap up to the end of the log.
 *
 * H1. A batch is a view into what the socket delivered, and keeps all of that in memory. Where it is a small part of it the
 *     batch is copied, the only time that happens to it; otherwise the memory is counted whole, once for the batches that
 *     follow each other in it. (The oldest of them gives it back, so a partition may hold one chunk more than is counted.)
 * H2. Each `push` is one admission to the cache, and the cache evicts in the order of admission, so its oldest entry of
 *     this tail is this tail's oldest batch. `clear` leaves the admissions behind; they are then counted off as they go.
 * H3. Nothing is kept that nobody reads: buffers that live on past the next collection of young garbage cost a full one later, and
 *     that is a tenth of what producing costs. A reader that comes to the end has what follows kept for it.
 */
export class Tail {
  readonly #cache: TailCache;
  #batches: TailBatch[] = [];
  #first = 0;
  #cleared = 0;
  #startOffset: number;
  #lastMemory: ArrayBufferLike | undefined;
  #unreadBytes = 0;

  constructor(cache: TailCache, endOffset: number) {
    this.#cache = cache;
    this.#startOffset = endOffset;
  }

  /** What lies at this offset and behind is here. */
  get startOffset(): number {
    return this.#startOffset;
  }

  push(batch: Buffer, nextOffset: number): void {
    this.#unreadBytes += batch.length;
    const isUnread = this.#unreadBytes > UNREAD_BYTES_MAX;
    if (isUnread || batch.length > this.#cache.batchBytesMax) return this.clear(nextOffset);
    const isShared = batch.buffer === this.#lastMemory;
    if (isShared || batch.length * SHARE_MIN >= batch.buffer.byteLength) {
      this.#lastMemory = batch.buffer;
      this.#batches.push({ nextOffset, batch });
      this.#cache.admit(this, isShared ? 0 : batch.buffer.byteLength);
    } else {
      this.#batches.push({ nextOffset, batch: this.#cache.copy(batch) });
      this.#cache.admit(this, batch.length);
    }
  }

  /** A reader is here, or has come to the end of what it may see (H3). */
  touch(): void {
    this.#unreadBytes = 0;
  }

  clear(endOffset: number): void {
    this.#lastMemory = undefined;
    this.#cleared += this.#batches.length - this.#first;
    this.#batches = [];
    this.#first = 0;
    this.#startOffset = endOffset;
  }

  evictOldest(): void {
    if (this.#cleared > 0) {
      this.#cleared--;
      return;
    }
    const oldest = this.#batches[this.#first];
    if (oldest === undefined) return;
    this.#startOffset = oldest.nextOffset;
    (this.#batches as (TailBatch | undefined)[])[this.#first++] = undefined;
    if (this.#first > 256 && this.#first * 2 > this.#batches.length) {
      this.#batches = this.#batches.slice(this.#first);
      this.#first = 0;
    }
  }

  /** The batches from the one that holds `offset`, which must not be before `startOffset`. */
  *from(offset: number): Generator<Buffer> {
    let low = this.#first;
    let high = this.#batches.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((this.#batches[middle] as TailBatch).nextOffset > offset) high = middle;
      else low = middle + 1;
    }
    for (let at = low; at < this.#batches.length; at++) yield (this.#batches[at] as TailBatch).batch;
  }
}
