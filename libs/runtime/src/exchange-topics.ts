import { topicNameProblem } from '@millrace/bus';
import type { Admin } from '@millrace/client';
import { messageOf } from '@millrace/std';
import { exchangeTopic } from './topology.ts';

/**
 * Topics that processes exchange records on: those of jobs, and whatever else a model publishes to. They are created before
 * a transaction touches them, and what can't be is known before: a topic that the broker refuses must cost its record
 * (R12), not the partition.
 */
export class ExchangeTopics {
  readonly #admin: Admin;
  readonly #partitions: number;
  readonly #replicationFactor: number;
  /** Partition counts of topics known to be there. */
  readonly #known = new Map<string, number>();

  constructor(admin: Admin, partitions: number, replicationFactor: number) {
    this.#admin = admin;
    this.#partitions = partitions;
    this.#replicationFactor = replicationFactor;
  }

  /** Undefined when not known yet: then `ensure` it. */
  partitionCount(topic: string): number | undefined {
    return this.#known.get(topic);
  }

  /** Makes the topic known, creating it if it is not there. Answers with what speaks against it for good. */
  async ensure(topic: string): Promise<{ readonly problem?: string }> {
    if (this.#known.has(topic)) return {};
    const problem = topicNameProblem(topic);
    if (problem !== undefined) return { problem };
    try {
      let count = await this.#admin.partitionCount(topic);
      if (count === undefined) {
        await this.#admin.createTopics([exchangeTopic(topic, this.#partitions, this.#replicationFactor)]);
        count = await this.#admin.partitionCount(topic);
      }
      if (count === undefined) return { problem: `expected topic ${topic} to exist after it was created` };
      this.#known.set(topic, count);
      return {};
    } catch (error) {
      // What passes is the caller's to try again; a refusal stays one.
      if (error instanceof Error && 'retriable' in error && error.retriable === true) throw error;
      return { problem: messageOf(error) };
    }
  }

  /** It may be gone, or have grown: look again before the next use. */
  forget(): void {
    this.#known.clear();
  }
}
