import type { TopicPartition } from './effects.ts';

/** A map by topic and partition that can forget a whole topic. */
export class PartitionMap<Value> {
  readonly #topics = new Map<string, Map<number, Value>>();

  get size(): number {
    let size = 0;
    for (const partitions of this.#topics.values()) size += partitions.size;
    return size;
  }

  get isEmpty(): boolean {
    return this.#topics.size === 0;
  }

  get(topic: string, partition: number): Value | undefined {
    return this.#topics.get(topic)?.get(partition);
  }

  has(topic: string, partition: number): boolean {
    return this.#topics.get(topic)?.has(partition) === true;
  }

  set(topic: string, partition: number, value: Value): void {
    let partitions = this.#topics.get(topic);
    if (partitions === undefined) this.#topics.set(topic, (partitions = new Map()));
    partitions.set(partition, value);
  }

  delete(topic: string, partition: number): boolean {
    const partitions = this.#topics.get(topic);
    if (partitions === undefined || !partitions.delete(partition)) return false;
    if (partitions.size === 0) this.#topics.delete(topic);
    return true;
  }

  clear(): void {
    this.#topics.clear();
  }

  topics(): [topic: string, partitions: ReadonlyMap<number, Value>][] {
    return [...this.#topics];
  }

  ofTopic(topic: string): ReadonlyMap<number, Value> {
    return this.#topics.get(topic) ?? new Map<number, Value>();
  }

  *entries(): Generator<TopicPartition & { readonly value: Value }> {
    for (const [topic, partitions] of this.#topics) {
      for (const [partition, value] of partitions) yield { topic, partition, value };
    }
  }
}
