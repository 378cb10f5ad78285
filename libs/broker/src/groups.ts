import {
  GroupCoordinator,
  type Marker,
  partitionOf,
  type TopicDirectory,
  type TopicPartition,
} from '@millrace/coordinator';
import { assert } from '@millrace/std';
import type { GroupConfigs } from './configs/group-configs.ts';
import { CoordinatorShell, type ShellOptions } from './coordinator-shell.ts';
import type { BrokerConfig } from './options.ts';
import { OFFSETS_TOPIC } from './topic-names.ts';
import { topicPattern } from './topic-pattern.ts';
import type { Topics } from './topics.ts';

/**
 * One: partitions of `__consumer_offsets` spread groups over brokers, and there is one broker. One partition is one file
 * to sync for all commits of a round. A directory that has more keeps them: the partition of a group follows from the count.
 */
export const OFFSETS_PARTITIONS = 1;

type Environment = Pick<ShellOptions<GroupCoordinator>, 'commit' | 'deadlines' | 'onFailure'>;

/** The groups of all partitions of `__consumer_offsets`. */
export class GroupShells {
  readonly shells: readonly CoordinatorShell<GroupCoordinator>[];

  constructor(config: BrokerConfig, topics: Topics, groupConfigs: GroupConfigs, environment: Environment) {
    const count = topics.find(OFFSETS_TOPIC)?.partitions ?? 0;
    const partitionExists = (topic: string, partition: number): boolean => topics.log(topic, partition) !== undefined;
    this.shells = Array.from({ length: count }, (_, partition) => {
      const log = topics.log(OFFSETS_TOPIC, partition);
      assert(log !== undefined, `expected ${OFFSETS_TOPIC}-${partition} to exist`);
      const writeMarkers = (): never => {
        throw new Error('expected groups to write no markers to other partitions');
      };
      const coordinator = new GroupCoordinator({
        partitionExists,
        topics: directoryOf(topics),
        random: config.random,
        limits: config.groups,
        consumerTimesOf: (groupId) => groupConfigs.timesOf(groupId),
      });
      return new CoordinatorShell({ ...environment, coordinator, log, writeMarkers });
    });
  }

  /** The shell whose partition keeps the group. */
  of(groupId: string): CoordinatorShell<GroupCoordinator> {
    const shell = this.shells[partitionOf(groupId, this.shells.length)];
    assert(shell !== undefined, 'expected a partition for every group');
    return shell;
  }

  partitionOf(groupId: string): TopicPartition {
    return { topic: OFFSETS_TOPIC, partition: partitionOf(groupId, this.shells.length) };
  }

  /** Ends a transaction in a partition of `__consumer_offsets`; `then` is called when the marker is durable. */
  writeMarker(partition: number, marker: Marker, then: () => void): void {
    const shell = this.shells[partition];
    assert(shell !== undefined, `expected ${OFFSETS_TOPIC}-${partition} to exist`);
    const to = shell.expect<null>(then);
    shell.run((coordinator, now) => coordinator.writeMarker(marker, to, now));
  }

  topicDeleted(topic: string): void {
    for (const shell of this.shells) shell.run((coordinator, now) => coordinator.topicDeleted(topic, now));
  }

  load(): void {
    for (const shell of this.shells) shell.load();
  }

  start(): void {
    for (const shell of this.shells) shell.start();
  }

  close(): void {
    for (const shell of this.shells) shell.close();
  }
}

function directoryOf(topics: Topics): TopicDirectory {
  return {
    version: () => topics.version,
    find: (name) => topics.find(name),
    nameOf: (id) => topics.findById(id)?.name,
    matching(text) {
      const pattern = topicPattern(text);
      return pattern === null ? null : topics.all().flatMap(({ name }) => (pattern.test(name) ? [name] : []));
    },
  };
}
