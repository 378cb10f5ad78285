import { expect } from 'vitest';

import { SimulatedDisk, VirtualClock } from '@millrace/testing';
import { batchesIn, decodeBatch } from '@millrace/wire';

import { type Checkpoint, readCheckpoint, writeCheckpoint } from '../../src/checkpoint.ts';
import { Log } from '../../src/log.ts';
import { defaultLogConfig, type LogConfig } from '../../src/log-config.ts';
import type { LogOptions } from '../../src/log-options.ts';
import { OpenSegments } from '../../src/open-segments.ts';
import { ProducerCount } from '../../src/producer-count.ts';
import type { ProducerSnapshot } from '../../src/producer-snapshot.ts';
import { TailCache } from '../../src/tail-cache.ts';
import type { Appended, AppendResult, FsyncPolicy, Isolation, LogEvent, ReadSlice } from '../../src/types.ts';
import { UncheckedBytes } from '../../src/unchecked-bytes.ts';

export const DIRECTORY = '/orders-0';

export interface TestPartition {
  readonly disk: SimulatedDisk;
  readonly clock: VirtualClock;
  readonly log: Log;
}

export interface TestOptions {
  readonly name?: string;
  readonly uncheckedBytes?: UncheckedBytes;
  readonly onEvent?: (event: LogEvent) => void;
  readonly disk?: SimulatedDisk;
  readonly clock?: VirtualClock;
  readonly config?: Partial<LogConfig>;
  readonly fsync?: FsyncPolicy;
  readonly isClean?: boolean;
  /** 0 has every read go to the segments. */
  readonly tailBytes?: number;
  readonly openSegmentsMax?: number;
}

/** A partition on a simulated disk: a new one, or what the disk holds. */
export function openPartition(options: TestOptions = {}): TestPartition {
  const disk = options.disk ?? new SimulatedDisk();
  const clock = options.clock ?? new VirtualClock();
  disk.makeDirectory(DIRECTORY);
  disk.syncDirectory('/');
  const logOptions: LogOptions = {
    name: options.name ?? 'orders-0',
    onEvent: options.onEvent,
    uncheckedBytes: options.uncheckedBytes ?? new UncheckedBytes(Number.POSITIVE_INFINITY),
    disk,
    clock,
    directory: DIRECTORY,
    config: { ...defaultLogConfig, ...options.config },
    fsync: options.fsync ?? 'always',
    isClean: options.isClean ?? false,
    tailCache: new TailCache(options.tailBytes ?? 1024 * 1024),
    openSegments: new OpenSegments(options.openSegmentsMax ?? 4),
    producerCount: new ProducerCount(),
  };
  return { disk, clock, log: Log.open(logOptions) };
}

/** Takes the producers out of the checkpoint, as older versions left it, which kept them in a file of their own. */
export function dropSnapshot(disk: SimulatedDisk): ProducerSnapshot | undefined {
  const { producers, ...rest } = readCheckpoint(disk, DIRECTORY) as Checkpoint;
  writeCheckpoint(disk, DIRECTORY, rest);
  return producers;
}

export const client = { origin: 'client' } as const;
export const coordinator = { origin: 'coordinator' } as const;

export function appended(result: AppendResult): Appended {
  expect(result).not.toHaveProperty('error');
  return result as Appended;
}

export function readFrom(
  log: Log,
  offset: number,
  isolation: Isolation = 'read_uncommitted',
  bytesMax = 1024 * 1024,
): ReadSlice {
  const result = log.read(offset, bytesMax, { isolation, atLeastOne: true });
  expect(result).not.toHaveProperty('error');
  return result as ReadSlice;
}

/** Every record a reader sees, as `offset:value`; markers as `offset:commit` or `offset:abort`. */
export function recordsOf(
  log: Log,
  options: { readonly isolation?: Isolation; readonly skipAborted?: boolean; readonly bytesMax?: number } = {},
): string[] {
  const { isolation = 'read_uncommitted', skipAborted = false, bytesMax = 1024 * 1024 } = options;
  const found: string[] = [];
  for (let offset = log.logStartOffset; ; ) {
    const slice = log.read(offset, bytesMax, { isolation, skipAborted, atLeastOne: true });
    if (slice.error !== undefined) throw new Error(slice.message);
    for (const chunk of slice.chunks) {
      for (const { at, header } of batchesIn(chunk)) {
        for (const record of decodeBatch(chunk, at).records) {
          const type = record.key?.[3] === 1 ? 'commit' : 'abort';
          found.push(`${record.offset}:${header.isControl ? type : String(record.value)}`);
        }
      }
    }
    if (slice.nextOffset === offset) return found;
    offset = slice.nextOffset;
  }
}
