import { assert } from '@millrace/std';

type Change = { readonly kind: 'write'; readonly position: number; readonly bytes: Buffer } | Truncation;
interface Truncation {
  readonly kind: 'truncate';
  readonly length: number;
}

/** How much of a change that was not synced a crash keeps: all of it, nothing, or the first bytes of a write. */
export type Keep = 'all' | 'nothing' | { readonly bytes: number };

/** The content of one file: what the device has, and the changes on their way to it. Names are the disk's matter. */
export class SimulatedFile {
  #durable: Bytes = new Bytes();
  #current: Bytes = new Bytes();
  #pending: Change[] = [];
  #settled = 0;

  get size(): number {
    return this.#current.length;
  }

  read(target: Uint8Array, position: number): number {
    return this.#current.read(target, position);
  }

  content(): Buffer {
    return this.#current.copy();
  }

  write(source: Uint8Array, position: number): void {
    const change: Change = { kind: 'write', position, bytes: Buffer.from(source) };
    this.#pending.push(change);
    this.#current.apply(change);
  }

  truncate(length: number): void {
    const change: Change = { kind: 'truncate', length };
    this.#pending.push(change);
    this.#current.apply(change);
  }

  /** Counts all changes so far: a sync that begins now will cover this many. */
  mark(): number {
    return this.#settled + this.#pending.length;
  }

  /** The first `mark` changes have reached the device. Syncs may overlap, and end in any order. */
  settle(mark: number): void {
    const count = Math.max(mark - this.#settled, 0);
    for (const change of this.#pending.splice(0, count)) this.#durable.apply(change);
    this.#settled += count;
  }

  /** Changes both what is on the device and what is cached: the medium itself decays. */
  flipBit(byte: number, bit: number): void {
    this.#current.flip(byte, bit);
    if (byte < this.#durable.length) this.#durable.flip(byte, bit);
  }

  /** The file as the next process finds it, when each change not synced fares as `keep` says. */
  afterCrash(keep: (index: number, count: number) => Keep): SimulatedFile {
    const survivor = new SimulatedFile();
    survivor.#durable = this.#durable.clone();
    for (const [index, change] of this.#pending.entries()) {
      const kept = keep(index, this.#pending.length);
      if (kept === 'nothing') continue;
      if (kept === 'all' || change.kind === 'truncate') survivor.#durable.apply(change);
      else survivor.#durable.apply({ ...change, bytes: change.bytes.subarray(0, kept.bytes) });
    }
    survivor.#current = survivor.#durable.clone();
    return survivor;
  }
}

/** Bytes that grow; a gap left by a write beyond the end reads as zeros, as in a sparse file. */
class Bytes {
  #buffer: Buffer = Buffer.alloc(0);
  length = 0;

  apply(change: Change): void {
    if (change.kind === 'truncate') {
      if (change.length < this.length) this.#buffer.fill(0, change.length, this.length);
      this.#reserve(change.length);
      this.length = change.length;
      return;
    }
    const end = change.position + change.bytes.length;
    this.#reserve(end);
    change.bytes.copy(this.#buffer, change.position);
    this.length = Math.max(this.length, end);
  }

  read(target: Uint8Array, position: number): number {
    const end = Math.min(position + target.byteLength, this.length);
    if (end <= position) return 0;
    target.set(this.#buffer.subarray(position, end));
    return end - position;
  }

  flip(byte: number, bit: number): void {
    assert(byte < this.length, `expected a byte within ${this.length}, found ${byte}`);
    this.#buffer[byte] = (this.#buffer[byte] ?? 0) ^ (1 << bit);
  }

  copy(): Buffer {
    return Buffer.from(this.#buffer.subarray(0, this.length));
  }

  clone(): Bytes {
    const clone = new Bytes();
    clone.#buffer = this.copy();
    clone.length = this.length;
    return clone;
  }

  #reserve(length: number): void {
    if (length <= this.#buffer.length) return;
    const grown = Buffer.alloc(Math.max(length, this.#buffer.length * 2, 256));
    this.#buffer.copy(grown, 0, 0, this.length);
    this.#buffer = grown;
  }
}
