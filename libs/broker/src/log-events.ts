import type { LogDirectory, LogEvent } from '@millrace/log';

import type { BrokerLogger } from './options.ts';

/** One line for what happens to a partition without anybody having asked for it. */
export function logEvents(logger: BrokerLogger): (event: LogEvent) => void {
  return (event) => {
    switch (event.kind) {
      case 'offline':
        return logger.error({ partition: event.partition, error: event.reason }, 'partition is offline');
      case 'compaction failed':
        return logger.warn({ partition: event.partition, error: event.reason }, 'compaction failed and is tried again');
      case 'compacted': {
        const { kind: _, ...figures } = event;
        return logger.info(figures, 'partition was compacted');
      }
      case 'retained': {
        const { kind: _, ...figures } = event;
        return logger.info(figures, 'old segments were removed');
      }
    }
  };
}

/** What the start found: one line for each partition that was cut, one for what was checked in all. */
export function logRecoveries(directory: LogDirectory, logger: BrokerLogger): void {
  const recoveries = directory.recoveries();
  for (const { partition, report } of recoveries) {
    if (report.truncatedBytes + report.removedSegments === 0) continue;
    logger.warn({ partition, ...report }, 'partition was cut behind its last whole batch');
  }
  if (directory.wasClean || recoveries.length === 0) return;
  const checkedBytes = recoveries.reduce((sum, { report }) => sum + report.checkedBytes, 0);
  logger.warn(
    { partitions: recoveries.length, checkedBytes },
    'the last stop was not in order: checked what was not saved',
  );
}
