import { apis } from '@millrace/wire';

import { refused } from './client-error.ts';
import type { Cluster } from './cluster.ts';

export interface SealedBatch {
  readonly topic: string;
  readonly partition: number;
  readonly bytes: Buffer;
}

export interface ProduceOptions {
  readonly lane: string;
  readonly acks: -1 | 1;
  readonly transactionalId?: string;
  readonly timeoutMs: number;
}

/** What became of one batch: where it lies, or the broker's error code. */
export interface BatchOutcome {
  readonly errorCode: number;
  readonly baseOffset: number;
}

/** One Produce request to one broker; the outcomes are in the order of the batches. */
export async function produce(
  cluster: Cluster,
  node: number,
  batches: readonly SealedBatch[],
  options: ProduceOptions,
): Promise<BatchOutcome[]> {
  const byTopic = Map.groupBy(batches, (batch) => batch.topic);
  const answer = await cluster.request(node, options.lane, apis.produce, {
    transactionalId: options.transactionalId ?? null,
    acks: options.acks,
    timeoutMs: options.timeoutMs,
    topics: [...byTopic].map(([name, of]) => ({
      name,
      partitions: of.map(({ partition, bytes }) => ({ partition, records: bytes })),
    })),
  });
  const outcomes = new Map<string, BatchOutcome>();
  for (const topic of answer.topics) {
    for (const { partition, errorCode, baseOffset } of topic.partitions) {
      outcomes.set(`${topic.name}/${partition}`, { errorCode, baseOffset });
    }
  }
  return batches.map(({ topic, partition }) => {
    const outcome = outcomes.get(`${topic}/${partition}`);
    if (outcome === undefined) throw refused(-1, `answer for ${topic}-${partition}`);
    return outcome;
  });
}
