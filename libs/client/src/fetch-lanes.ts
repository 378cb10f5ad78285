import { type Response, apis } from '@millrace/wire';

import type { TopicPartition } from './admin.ts';
import { refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';
import type { ConsumerOptions } from './consumer.ts';

export type FetchPartition = Response<typeof apis.fetch>['topics'][number]['partitions'][number];

interface FetchFrom extends TopicPartition {
  readonly fetchOffset: number;
}

let consumers = 0;

/**
 * The connections of one consumer. The broker may hold a fetch and answers in order, so a fetch has its connection to itself: the next one at
 * the same time takes another. There are at most as many as there are partitions (C5).
 */
export class FetchLanes {
  readonly #cluster: Cluster;
  readonly #options: Required<ConsumerOptions>;
  readonly #name: string;
  /** By lane, whether it is in use. */
  readonly #isBusy: boolean[] = [];

  constructor(cluster: Cluster, options: Required<ConsumerOptions>) {
    this.#cluster = cluster;
    this.#options = options;
    consumers += 1;
    this.#name = `fetch ${consumers}`;
  }

  /** One request; the answers by `keyOf`. */
  async fetch(node: number, partitions: readonly FetchFrom[]): Promise<Map<string, FetchPartition>> {
    const { isolation, maxWaitMs, maxBytes, partitionMaxBytes } = this.#options;
    const topics = [...Map.groupBy(partitions, (one) => one.topic)].map(([name, of]) => ({
      name,
      partitions: of.map(({ partition, fetchOffset }) => ({ partition, fetchOffset, partitionMaxBytes })),
    }));
    const isolationLevel = isolation === 'read_committed' ? 1 : 0;
    const body = { maxWaitMs, minBytes: 1, maxBytes, isolationLevel, topics };
    const free = this.#isBusy.indexOf(false);
    const lane = free === -1 ? this.#isBusy.length : free;
    this.#isBusy[lane] = true;
    try {
      const answer = await this.#cluster.request(node, this.#laneName(lane), apis.fetch, body, maxWaitMs);
      if (answer.errorCode !== 0) throw refused(answer.errorCode, 'answer a fetch');
      return new Map(
        answer.topics.flatMap((topic) =>
          topic.partitions.map((one) => [keyOf({ topic: topic.name, partition: one.partition }), one]),
        ),
      );
    } finally {
      this.#isBusy[lane] = false;
    }
  }

  close(): void {
    for (const lane of this.#isBusy.keys()) this.#cluster.closeLane(this.#laneName(lane));
  }

  #laneName(lane: number): string {
    return `${this.#name}.${lane}`;
  }
}

export function keyOf({ topic, partition }: TopicPartition): string {
  return `${topic}/${partition}`;
}
