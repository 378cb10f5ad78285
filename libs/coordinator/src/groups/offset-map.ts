import { PartitionMap } from '../partition-map.ts';
import type { CommittedOffset } from './group.ts';

/** An entry of a map in a map, with the object it holds. */
const ENTRY_BYTES = 200;

/** What one commit takes in memory, about: its metadata is the part that a client chooses. */
export function offsetBytes({ metadata }: Pick<CommittedOffset, 'metadata'>): number {
  return ENTRY_BYTES + 2 * metadata.length;
}

/** Offsets by partition, which know how much memory they take. */
export class OffsetMap extends PartitionMap<CommittedOffset> {
  #bytes = 0;

  get bytes(): number {
    return this.#bytes;
  }

  override set(topic: string, partition: number, commit: CommittedOffset): void {
    const before = this.get(topic, partition);
    this.#bytes += offsetBytes(commit) - (before === undefined ? 0 : offsetBytes(before));
    super.set(topic, partition, commit);
  }

  override delete(topic: string, partition: number): boolean {
    const before = this.get(topic, partition);
    if (before !== undefined) this.#bytes -= offsetBytes(before);
    return super.delete(topic, partition);
  }

  override clear(): void {
    this.#bytes = 0;
    super.clear();
  }
}
