import { type ErrorKind, OperationalError } from '@millrace/std';

const kinds = {
  /** Another process listens there. */
  PORT_IN_USE: { httpStatus: 503, retriable: true },
  /** The host is not ours, or the port needs a privilege. */
  LISTEN_FAILED: { httpStatus: 503, retriable: false },
  /** What was set at run time cannot be read: the file that keeps it is not as it was written. */
  CONFIGS_DAMAGED: { httpStatus: 503, retriable: false },
  /** Other machines could do here what they like, and nobody has said that they may. */
  INSECURE_LISTENER: { httpStatus: 503, retriable: false },
  /** A certificate or its key can not be read, or they do not belong together. */
  TLS_FAILED: { httpStatus: 503, retriable: false },
  /** A way to authenticate is enabled, and something that it takes is not there. */
  AUTHENTICATION_UNUSABLE: { httpStatus: 503, retriable: false },
  /** `start()` after `close()`, or twice. */
  BROKER_CLOSED: { httpStatus: 503, retriable: false },
  /** A limit that there is not, or a value that would bound nothing. */
  UNUSABLE_LIMIT: { httpStatus: 400, retriable: false },
} as const satisfies Record<string, ErrorKind>;

export type BrokerErrorCode = keyof typeof kinds;

/** What can go wrong in operation, beside what the log reports about its data directory (see @millrace/log). */
export class BrokerError extends OperationalError<BrokerErrorCode> {
  override readonly name = 'BrokerError';

  constructor(code: BrokerErrorCode, message: string, options?: ErrorOptions) {
    super(code, kinds[code], message, options);
  }
}

/** Somebody asked for what takes to be known, and is not; its connection ends. */
export class Unauthenticated extends Error {
  override readonly name = 'Unauthenticated';
}
