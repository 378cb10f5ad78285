import { type ErrorKind, OperationalError } from '@millrace/std';

const kinds = {
  DIRECTORY_LOCKED: { httpStatus: 503, retriable: false },
  DIRECTORY_UNUSABLE: { httpStatus: 503, retriable: false },
  FORMAT_UNSUPPORTED: { httpStatus: 500, retriable: false },
  METADATA_DAMAGED: { httpStatus: 500, retriable: false },
} as const satisfies Record<string, ErrorKind>;

export type LogDirectoryErrorCode = keyof typeof kinds;

/** The data directory cannot be used as it is. */
export class LogDirectoryError extends OperationalError<LogDirectoryErrorCode> {
  override readonly name = 'LogDirectoryError';

  constructor(code: LogDirectoryErrorCode, message: string) {
    super(code, kinds[code], message);
  }
}

/** The disk failed under a partition; it refuses everything that would change it until the next start. */
export class LogOfflineError extends OperationalError<'KAFKA_STORAGE_ERROR'> {
  override readonly name = 'LogOfflineError';

  constructor(partition: string, reason: string) {
    super('KAFKA_STORAGE_ERROR', { httpStatus: 503, retriable: true }, `partition ${partition} is offline: ${reason}`);
  }
}
