import { join } from 'node:path';

import type { Disk } from '@millrace/std';

import { offsetFileName, parseOffsetFileName, parseSwapFileName, swapFileName } from './file-names.ts';
import type { Segment } from './segment.ts';

/**
 * Puts one file in the place of the logs of neighbouring segments; its content is on the device.
 *
 * Z1. For one segment that is a rename. For several the file first gets a name that says which offsets it stands for: from
 *     then on the old ones count for nothing, and whoever finds such a file finishes what it says, however often.
 *     The old indexes go with the old logs; new ones can be made from the log at any time.
 */
export function replaceFiles(disk: Disk, directory: string, old: readonly Segment[], made: string): void {
  const [first, last] = [old[0] as Segment, old.at(-1) as Segment];
  if (old.length === 1) {
    disk.remove(first.path('index'));
    disk.remove(first.path('timeindex'));
    disk.rename(made, first.path('log'));
    disk.syncDirectory(directory);
    return;
  }
  const swap = swapFileName(first.baseOffset, last.nextOffset);
  disk.rename(made, join(directory, swap));
  disk.syncDirectory(directory);
  finishSwap(disk, directory, swap);
}

/** Also what a crash interrupted. */
export function finishSwap(disk: Disk, directory: string, swap: string): void {
  const { from, to } = parseSwapFileName(swap) as { from: number; to: number };
  for (const name of disk.list(directory)) {
    const parsed = parseOffsetFileName(name);
    if (parsed === undefined || parsed.kind === 'snapshot' || parsed.offset < from || parsed.offset >= to) continue;
    disk.remove(join(directory, name));
  }
  disk.rename(join(directory, swap), join(directory, offsetFileName(from, 'log')));
  disk.syncDirectory(directory);
}
