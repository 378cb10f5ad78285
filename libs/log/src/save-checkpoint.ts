import { join } from 'node:path';

import type { Disk } from '@millrace/std';

import { offsetFileName } from './file-names.ts';
import { takeSnapshot } from './producer-snapshot.ts';
import type { ProducerStates } from './producer-state.ts';
import { snapshotOffsets } from './recovery.ts';
import { replaceSealedAsync } from './sealed-file.ts';
import type { SegmentList } from './segment-list.ts';

/** The second is for the case that the first is damaged. */
const SNAPSHOTS_KEPT = 2;

export interface CheckpointSource {
  readonly segments: SegmentList;
  readonly producers: ProducerStates;
  /** The end of the log, of which the state of producers is. */
  readonly offset: number;
  sync(): Promise<void>;
  isClosed(): boolean;
}

/**
 * Puts everything below the end of the log on the device (K1), in the order in which it builds on each other: batches,
 * indexes, snapshot. Returns the offset for which that holds, for the caller to write into the checkpoint file last;
 * undefined when the log was closed meanwhile.
 */
export async function saveCheckpoint(
  disk: Disk,
  directory: string,
  source: CheckpointSource,
): Promise<number | undefined> {
  const { segments, offset } = source;
  // Taken before anything is awaited: appends go on meanwhile, and the snapshot is of this offset.
  const snapshot = takeSnapshot(source.producers, offset);
  const rolled = [...segments.pinned].filter((segment) => segment !== segments.active);
  await source.sync();
  if (source.isClosed()) return undefined;

  for (const segment of [...rolled, segments.active]) {
    // Retention may have removed it while we waited.
    if (!segments.pinned.has(segment)) continue;
    const files = segment.saveIndexes();
    try {
      await Promise.all(files.map((file) => file.datasync()));
    } finally {
      for (const file of files) file.close();
    }
    if (source.isClosed()) return undefined;
  }

  await replaceSealedAsync(disk, join(directory, offsetFileName(offset, 'snapshot')), snapshot);
  if (source.isClosed()) return undefined;
  for (const old of snapshotOffsets(disk, directory).slice(0, -SNAPSHOTS_KEPT)) {
    disk.remove(join(directory, offsetFileName(old, 'snapshot')));
  }
  for (const segment of rolled) segments.unpin(segment);
  return offset;
}
