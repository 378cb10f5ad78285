import { join } from 'node:path';

import {
  assert,
  type Clock,
  type Disk,
  messageOf,
  OperationalError,
  type Random,
  systemClock,
  systemDisk,
  systemRandom,
} from '@millrace/std';

import { type CleanMarker, leaveCleanMarker, takeCleanMarker } from './clean-marker.ts';
import { type DirectoryLock, noDirectoryLock, systemDirectoryLock } from './directory-lock.ts';
import { LogDirectoryError } from './errors.ts';
import { Log } from './log.ts';
import type { LogConfig } from './log-config.ts';
import { defaultIntervals, Maintenance, type MaintenanceIntervals } from './maintenance.ts';
import { OpenSegments } from './open-segments.ts';
import { ProducerCount } from './producer-count.ts';
import type { RecoveryReport } from './recovery.ts';
import { DeferredSyncs, type RecoverySyncs } from './recovery-syncs.ts';
import type { SavedPartition } from './saved-partition.ts';
import { newTopicId, openFormat, readTopics, type StoredTopic, writeTopics } from './stored-topics.ts';
import { TailCache } from './tail-cache.ts';
import { parseTopicConfigs, type TopicConfigs } from './topic-config.ts';
import type { FsyncPolicy, LogEvent } from './types.ts';
import { UncheckedBytes } from './unchecked-bytes.ts';

export interface LogDirectoryOptions {
  readonly path: string;
  readonly fsync: FsyncPolicy;
  readonly disk?: Disk;
  readonly clock?: Clock;
  readonly random?: Random;
  readonly lock?: DirectoryLock;
  /** Newest batches of all partitions kept in memory. */
  readonly tailBytesMax?: number;
  /** Closed segments of all partitions that may have their file open. */
  readonly openSegmentsMax?: number;
  /** Producers that all partitions remember together; beyond it the longest silent are forgotten (P6). */
  readonly producersMax?: number;
  /** Of all partitions, behind their recovery points: what a start after a crash has to check. */
  readonly uncheckedBytesMax?: number;
  readonly intervals?: Partial<MaintenanceIntervals>;
  readonly onEvent?: (event: LogEvent) => void;
}

export interface NewStoredTopic {
  readonly name: string;
  readonly partitions: number;
  readonly configs: TopicConfigs;
  readonly replicas?: StoredTopic['replicas'];
}

export interface TopicRejection {
  readonly error: 'TOPIC_ALREADY_EXISTS' | 'UNKNOWN_TOPIC_OR_PARTITION' | 'INVALID_CONFIG' | 'KAFKA_STORAGE_ERROR';
  readonly message: string;
}

interface Opening {
  readonly isClean: boolean;
  /** What the directory holds. */
  readonly names: readonly string[];
  /** By partition. */
  readonly saved?: CleanMarker['partitions'] | undefined;
  readonly syncs?: RecoverySyncs;
}

const TAIL_BYTES_MAX = 32 * 1024 * 1024;
const OPEN_SEGMENTS_MAX = 32;
const UNCHECKED_BYTES_MAX = 512 * 1024 * 1024;

/**
 * The data directory: topics, their partitions, a lock, the version of the format.
 *
 * M1. A topic exists from the moment the `topics` file names it, and not longer. Its directories are on the device before,
 *     and removed after; what is there without being named is removed at the next open.
 * M2. One process at a time. Another version of the format, or a damaged `topics` file, is refused and left as it is.
 * M3. `clean-shutdown` is there only while nobody has the directory open, and only if everything was closed in order. It says
 *     of each partition what its own files say, too.
 */
export class LogDirectory {
  /** Of the cluster, made with the directory. */
  readonly id: string;
  /** Whether the last process closed it in order. */
  readonly wasClean: boolean;
  readonly #path: string;
  readonly #disk: Disk;
  readonly #clock: Clock;
  readonly #random: Random;
  readonly #fsync: FsyncPolicy;
  readonly #unlock: () => void;
  readonly #tailCache: TailCache;
  readonly #openSegments: OpenSegments;
  readonly #producerCount: ProducerCount;
  readonly #topics = new Map<string, StoredTopic>();
  readonly #logs = new Map<string, Log[]>();
  readonly #maintenance: Maintenance;
  readonly #uncheckedBytes: UncheckedBytes;
  readonly #onEvent: ((event: LogEvent) => void) | undefined;
  #isClosed = false;

  /** @throws LogDirectoryError when the directory is in use, of another format, damaged or out of reach */
  static async open(options: LogDirectoryOptions): Promise<LogDirectory> {
    const disk = options.disk ?? systemDisk;
    const lock = options.lock ?? (disk === systemDisk ? systemDirectoryLock : noDirectoryLock);
    let unlock: (() => void) | undefined;
    try {
      disk.makeDirectory(options.path);
      unlock = lock(disk, options.path);
      const syncs = new DeferredSyncs(disk);
      const directory = new LogDirectory(options, disk, unlock, syncs);
      await syncs.run();
      directory.#countUnchecked();
      directory.#maintenance.start();
      return directory;
    } catch (error) {
      unlock?.();
      if (error instanceof OperationalError || (error as NodeJS.ErrnoException).code === undefined) throw error;
      throw new LogDirectoryError('DIRECTORY_UNUSABLE', `cannot use ${options.path}: ${messageOf(error)}`);
    }
  }

  private constructor(options: LogDirectoryOptions, disk: Disk, unlock: () => void, syncs: RecoverySyncs) {
    this.#path = options.path;
    this.#disk = disk;
    this.#unlock = unlock;
    this.#clock = options.clock ?? systemClock;
    this.#random = options.random ?? systemRandom;
    this.#fsync = options.fsync;
    this.#tailCache = new TailCache(options.tailBytesMax ?? TAIL_BYTES_MAX);
    this.#openSegments = new OpenSegments(options.openSegmentsMax ?? OPEN_SEGMENTS_MAX);
    this.#producerCount = new ProducerCount(options.producersMax);
    this.#uncheckedBytes = new UncheckedBytes(options.uncheckedBytesMax ?? UNCHECKED_BYTES_MAX);
    this.#onEvent = options.onEvent;
    const isNew = !disk.exists(join(this.#path, 'format'));
    this.id = openFormat(disk, this.#path, this.#random);
    const topics = readTopics(disk, this.#path);
    const marker = takeCleanMarker(disk, this.#path);
    this.wasClean = marker !== undefined;
    // Not in a directory that became ours just now: what is in there then belongs to somebody else.
    if (!isNew) this.#removeUnnamed(topics);
    const opening = { isClean: this.wasClean, names: disk.list(this.#path), saved: marker?.partitions, syncs };
    for (const topic of topics) {
      this.#topics.set(topic.name, topic);
      this.#logs.set(topic.name, this.#openLogs(topic, 0, opening));
    }
    const intervals = { ...defaultIntervals, ...options.intervals };
    this.#maintenance = new Maintenance(this.#clock, intervals, () => [...this.#logs.values()].flat());
  }

  topics(): Iterable<StoredTopic> {
    return this.#topics.values();
  }

  topic(name: string): StoredTopic | undefined {
    return this.#topics.get(name);
  }

  partition(topic: string, partition: number): Log | undefined {
    return this.#logs.get(topic)?.[partition];
  }

  /** What the start did to each partition that needed it: checked its end, cut something off. */
  recoveries(): { readonly partition: string; readonly report: RecoveryReport }[] {
    return [...this.#logs.values()]
      .flat()
      .map((log) => ({ partition: log.name, report: log.recovery }))
      .filter(({ report }) => report.checkedBytes + report.truncatedBytes + report.removedSegments > 0);
  }

  /** Durable on return. */
  createTopic({ name, partitions, configs, replicas }: NewStoredTopic): StoredTopic | TopicRejection {
    assert(partitions >= 1, `expected at least one partition of ${name}, found ${partitions}`);
    if (this.#topics.has(name)) {
      return { error: 'TOPIC_ALREADY_EXISTS', message: `expected topic "${name}" not to exist` };
    }
    const config = parseTopicConfigs(configs);
    if ('error' in config) return config;
    const placed = replicas === undefined ? {} : { replicas };
    return this.#store({ name, id: newTopicId(this.#random), partitions, configs, ...placed }, 0);
  }

  /** Adds partitions up to `count`. */
  createPartitions(name: string, count: number, replicas?: StoredTopic['replicas']): StoredTopic | TopicRejection {
    const topic = this.#topics.get(name);
    if (topic === undefined) return unknownTopic(name);
    assert(count > topic.partitions, `expected more than ${topic.partitions} partitions, found ${count}`);
    return this.#store({ ...topic, partitions: count, ...(replicas && { replicas }) }, topic.partitions);
  }

  /** Says anew which nodes hold each partition; nothing moves. */
  setReplicas(name: string, replicas: NonNullable<StoredTopic['replicas']>): StoredTopic | TopicRejection {
    const topic = this.#topics.get(name);
    return topic === undefined ? unknownTopic(name) : this.#store({ ...topic, replicas }, topic.partitions);
  }

  setConfigs(name: string, configs: TopicConfigs): StoredTopic | TopicRejection {
    const topic = this.#topics.get(name);
    if (topic === undefined) return unknownTopic(name);
    const config = parseTopicConfigs(configs);
    if ('error' in config) return config;
    const stored = this.#store({ ...topic, configs }, topic.partitions);
    if (!('error' in stored)) for (const log of this.#logs.get(name) ?? []) log.configure(config);
    return stored;
  }

  /** Gone on return, and for good; what its files held is then removed. */
  deleteTopic(name: string): { readonly error?: never } | TopicRejection {
    const topic = this.#topics.get(name);
    if (topic === undefined) return unknownTopic(name);
    const rest = [...this.#topics.values()].filter((one) => one !== topic);
    try {
      writeTopics(this.#disk, this.#path, rest); // M1
    } catch (error) {
      return storageError(error);
    }
    const logs = this.#logs.get(name) ?? [];
    this.#topics.delete(name);
    this.#logs.delete(name);
    // The files are open until a sync that runs has ended; Linux and macOS let them be removed meanwhile.
    for (const log of logs) void log.discard();
    for (const log of logs) this.#removePartition(log.name, topic.id);
    return {};
  }

  /** Makes everything durable and lets go of the directory. Partitions that are offline are left to recovery. */
  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    await this.#maintenance.stop();
    const logs = [...this.#logs.values()].flat();
    try {
      const wereSaved = await Promise.all(logs.map((log) => log.close()));
      if (wereSaved.every(Boolean)) this.#leaveCleanMarker(logs);
    } finally {
      this.#unlock();
    }
  }

  #store(topic: StoredTopic, firstNew: number): StoredTopic | TopicRejection {
    let opened: Log[] = [];
    try {
      for (let index = firstNew; index < topic.partitions; index++) this.#makePartition(topic, index);
      opened = this.#openLogs(topic, firstNew, { isClean: false, names: [] });
      // Also the names of what was removed before are then gone from the device (M1).
      if (opened.length > 0) this.#disk.syncDirectory(this.#path);
      writeTopics(
        this.#disk,
        this.#path,
        [...this.#topics.values()].filter(({ name }) => name !== topic.name).concat(topic),
      );
    } catch (error) {
      for (const log of opened) void log.discard();
      return storageError(error);
    }
    this.#topics.set(topic.name, topic);
    this.#logs.set(topic.name, [...(this.#logs.get(topic.name) ?? []), ...opened]);
    return topic;
  }

  #makePartition(topic: StoredTopic, index: number): void {
    const directory = join(this.#path, partitionName(topic, index));
    // Left behind by a deletion that could not finish.
    this.#disk.remove(directory);
    this.#disk.makeDirectory(directory);
  }

  #openLogs(topic: StoredTopic, first: number, { isClean, names, saved, syncs }: Opening): Log[] {
    const config = configOf(topic);
    const existing = new Set(names);
    return Array.from({ length: topic.partitions - first }, (_, index) => {
      const name = partitionName(topic, first + index);
      const directory = join(this.#path, name);
      // Named in `topics`, so it was made; if its directory is gone, so are its records, and it begins anew.
      if (!existing.has(name)) this.#disk.makeDirectory(directory);
      return Log.open({
        name,
        directory,
        config,
        isClean,
        saved: saved?.[name],
        ...(syncs === undefined ? {} : { syncs }),
        disk: this.#disk,
        clock: this.#clock,
        fsync: this.#fsync,
        tailCache: this.#tailCache,
        openSegments: this.#openSegments,
        producerCount: this.#producerCount,
        uncheckedBytes: this.#uncheckedBytes,
        onEvent: this.#onEvent,
      });
    });
  }

  #removePartition(name: string, id: string): void {
    const directory = join(this.#path, name);
    const condemned = `${directory}.${id}${DELETED}`;
    try {
      // A name that no new topic can have, so that removing may take its time, or fail half-way.
      this.#disk.rename(directory, condemned);
      this.#disk.remove(condemned);
    } catch {
      // The topic is gone (M1); the next open removes what is left.
    }
  }

  /** M1. */
  #removeUnnamed(topics: readonly StoredTopic[]): void {
    const named = new Set(
      topics.flatMap((topic) => Array.from({ length: topic.partitions }, (_, p) => partitionName(topic, p))),
    );
    for (const entry of this.#disk.list(this.#path)) {
      const isPartition = /-\d+$/.test(entry) && !named.has(entry);
      if (isPartition || entry.endsWith(DELETED)) this.#disk.remove(join(this.#path, entry));
    }
  }

  /** What was checked lies behind the recovery points until the next checkpoints, and another crash has it checked again. */
  #countUnchecked(): void {
    for (const log of [...this.#logs.values()].flat()) {
      if (log.recovery.checkedBytes > 0) this.#uncheckedBytes.add(log, log.recovery.checkedBytes);
    }
  }

  /** M3. */
  #leaveCleanMarker(logs: readonly Log[]): void {
    const saved = logs.map((log) => [log.name, log.saved()] as const);
    const partitions = Object.fromEntries(
      saved.filter((entry): entry is [string, SavedPartition] => entry[1] !== undefined),
    );
    leaveCleanMarker(this.#disk, this.#path, { closedAtMs: this.#clock.now(), partitions });
  }
}

const DELETED = '.deleted';

const partitionName = (topic: StoredTopic, partition: number): string => `${topic.name}-${partition}`;

function configOf(topic: StoredTopic): LogConfig {
  const config = parseTopicConfigs(topic.configs);
  assert(!('error' in config), `expected the stored configuration of ${topic.name} to be valid`);
  return config;
}

function unknownTopic(name: string): TopicRejection {
  return { error: 'UNKNOWN_TOPIC_OR_PARTITION', message: `expected topic "${name}" to exist` };
}

function storageError(error: unknown): TopicRejection {
  return { error: 'KAFKA_STORAGE_ERROR', message: messageOf(error) };
}
