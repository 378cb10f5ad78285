import { basename, dirname, join } from 'node:path';

import type { Disk } from '@millrace/std';

import { parseOffsetFileName, parseSwapFileName, TEMPORARY } from '../file-names.ts';

/** A partition as it lies there, without being opened. */
export interface StoredPartition {
  readonly directory: string;
  /** As in `orders-0`. */
  readonly name: string;
  /** False when the path named one segment. */
  readonly isWhole: boolean;
  /** Base offsets, rising. */
  readonly segments: readonly number[];
  /** Of producer state, by their offsets. */
  readonly snapshots: readonly number[];
  /** Files that a crash, or a compaction under way, has left; the next start clears them up. */
  readonly unfinished: readonly string[];
}

/**
 * The partitions under a path: that of a `.log` file (one segment of it), of a partition's directory, or of a data directory.
 * Empty when there is none.
 */
export function storedPartitions(disk: Disk, path: string): StoredPartition[] {
  const file = parseOffsetFileName(basename(path));
  if (file?.kind === 'log') {
    const partition = partitionIn(disk, dirname(path));
    return [{ ...partition, isWhole: false, segments: partition.segments.filter((base) => base === file.offset) }];
  }
  const own = partitionIn(disk, path);
  if (own.segments.length > 0) return [own];
  return disk
    .list(path)
    .filter((name) => /-\d+$/.test(name))
    .map((name) => partitionIn(disk, join(path, name)))
    .filter(({ segments }) => segments.length > 0);
}

function partitionIn(disk: Disk, directory: string): StoredPartition {
  const names = disk.list(directory);
  const files = names.map(parseOffsetFileName);
  const offsetsOf = (kind: string): number[] => files.flatMap((file) => (file?.kind === kind ? [file.offset] : []));
  return {
    directory,
    name: basename(directory),
    isWhole: true,
    segments: offsetsOf('log'),
    snapshots: offsetsOf('snapshot'),
    unfinished: names.filter((name) => name.endsWith(TEMPORARY) || parseSwapFileName(name) !== undefined),
  };
}
