import { type StoredPartition, storedPartitions } from '@millrace/log';
import { messageOf, systemDisk } from '@millrace/std';

import { CliFailure } from './failure.ts';

export function partitionsAt(path: string): StoredPartition[] {
  let found: StoredPartition[];
  try {
    found = storedPartitions(systemDisk, path);
  } catch (error) {
    throw new CliFailure(`expected a log at ${path}, found none: ${messageOf(error)}`);
  }
  if (found.some(({ segments }) => segments.length > 0)) return found;
  throw new CliFailure(`expected a segment, a partition or a data directory at ${path}, found no .log file in it`);
}
