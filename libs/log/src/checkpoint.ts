import { join } from 'node:path';

import type { Disk } from '@millrace/std';

import type { ProducerSnapshot } from './producer-snapshot.ts';
import { readSealed, replaceSealed, replaceSealedAsync } from './sealed-file.ts';

const VERSION = 1;

/**
 * What a partition remembers beside its records.
 *
 * K1. All below the recovery point is on the device: batches, indexes, and a snapshot of producer state. Recovery checks
 *     only what lies behind it.
 * K2. The log start offset is on the device before anything below it is removed, or the removal reported.
 * K3. A segment is removed only when it lies below the recovery point as well: until there is a snapshot behind it, the
 *     state of its producers is nowhere else.
 */
export interface Checkpoint {
  readonly recoveryPoint: number;
  readonly logStartOffset: number;
  /** When the active segment began, for rolling by age. */
  readonly activeSinceMs: number;
  /** The active segment, and how much there was of it. */
  readonly activeOffset: number;
  readonly activeBytes: number;
  /** Where the last compaction ended. */
  readonly cleanedTo: number;
  /** As of the recovery point. Directories from before it was kept here have it in files of its own. */
  readonly producers?: ProducerSnapshot | undefined;
}

export function writeCheckpoint(disk: Disk, directory: string, checkpoint: Checkpoint): void {
  replaceSealed(disk, join(directory, 'checkpoint'), { version: VERSION, ...checkpoint });
}

/** As `writeCheckpoint`, in the background; a `writeCheckpoint` meanwhile makes it outdated. */
export function writeCheckpointAsync(
  disk: Disk,
  directory: string,
  checkpoint: Checkpoint,
  isOutdated: () => boolean,
): Promise<void> {
  return replaceSealedAsync(disk, join(directory, 'checkpoint'), { version: VERSION, ...checkpoint }, isOutdated);
}

/** Undefined when there is none that can be used: everything is then checked. */
export function readCheckpoint(disk: Disk, directory: string): Checkpoint | undefined {
  const sealed = readSealed(disk, join(directory, 'checkpoint'));
  if (sealed === undefined || sealed === 'damaged') return undefined;
  const content = sealed.content as Checkpoint & { readonly version: number };
  // Directories from before they were kept do not have them.
  const absent = { cleanedTo: 0, activeOffset: -1, activeBytes: -1 };
  return content.version === VERSION ? { ...absent, ...content } : undefined;
}
