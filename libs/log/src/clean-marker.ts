import { join } from 'node:path';

import type { Disk } from '@millrace/std';

import type { SavedPartition } from './saved-partition.ts';
import { readSealed, replaceSealed } from './sealed-file.ts';

const VERSION = 1;
const MARKER = 'clean-shutdown';

/** What a process that closed everything in order left for the next one: partitions by name. */
export interface CleanMarker {
  readonly closedAtMs: number;
  readonly partitions: Readonly<Record<string, SavedPartition>>;
}

export function leaveCleanMarker(disk: Disk, directory: string, marker: CleanMarker): void {
  replaceSealed(disk, join(directory, MARKER), { version: VERSION, ...marker });
}

/** M3. Undefined when there is none; gone from the device on return. */
export function takeCleanMarker(disk: Disk, directory: string): Partial<CleanMarker> | undefined {
  const path = join(directory, MARKER);
  const sealed = readSealed(disk, path);
  if (sealed === undefined) return undefined;
  disk.remove(path);
  disk.syncDirectory(directory);
  if (sealed === 'damaged') return undefined;
  const content = sealed.content as Partial<CleanMarker> & { readonly version?: number };
  // Older ones say that all is in order, and nothing of what it is.
  return content.version === VERSION ? content : {};
}
