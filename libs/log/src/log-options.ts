import type { Clock, Disk } from '@millrace/std';

import type { LogConfig } from './log-config.ts';
import type { OpenSegments } from './open-segments.ts';
import type { ProducerCount } from './producer-count.ts';
import type { RecoverySyncs } from './recovery-syncs.ts';
import type { SavedPartition } from './saved-partition.ts';
import type { TailCache } from './tail-cache.ts';
import type { FsyncPolicy, LogEvent } from './types.ts';
import type { UncheckedBytes } from './unchecked-bytes.ts';

/** What a partition is opened with. */
export interface LogOptions {
  /** As in `orders-0`: for messages. */
  readonly name: string;
  readonly disk: Disk;
  readonly directory: string;
  readonly clock: Clock;
  readonly config: LogConfig;
  readonly fsync: FsyncPolicy;
  /** The last process closed everything in order. */
  readonly isClean: boolean;
  /** How it did so, where that is known. */
  readonly saved?: SavedPartition | undefined;
  /** Whoever gives this runs it before anybody reads; without it the log is opened with its syncs done. */
  readonly syncs?: RecoverySyncs;
  readonly tailCache: TailCache;
  readonly openSegments: OpenSegments;
  readonly producerCount: ProducerCount;
  readonly uncheckedBytes: UncheckedBytes;
  readonly onEvent?: ((event: LogEvent) => void) | undefined;
}
