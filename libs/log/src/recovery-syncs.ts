import type { Disk } from '@millrace/std';

import type { Segment } from './segment.ts';

/** What recovery has to have on the device before anybody may see it (R2). */
export interface RecoverySyncs {
  segment(segment: Segment): void;
  directory(path: string): void;
}

/** One after the other, done when recovery is. */
export function immediateSyncs(disk: Disk): RecoverySyncs {
  return {
    segment: (segment) => segment.datasyncNow(),
    directory: (path) => disk.syncDirectory(path),
  };
}

/** Syncs at a time: as many as the thread pool has, and the device makes one flush of them. */
const LANES = 4;

/** For many partitions at once: noted down, and done together before the directory is opened. */
export class DeferredSyncs implements RecoverySyncs {
  readonly #disk: Disk;
  #pending: (() => Promise<void>)[] = [];

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  segment(segment: Segment): void {
    this.#pending.push(() => segment.datasync());
  }

  directory(path: string): void {
    this.#pending.push(() => this.#disk.syncDirectoryAsync(path));
  }

  async run(): Promise<void> {
    const pending = this.#pending.values();
    this.#pending = [];
    const lane = async (): Promise<void> => {
      for (const sync of pending) await sync();
    };
    await Promise.all(Array.from({ length: LANES }, lane));
  }
}
