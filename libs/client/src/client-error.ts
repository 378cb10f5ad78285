import { type ErrorKind, OperationalError } from '@millrace/std';
import { type KafkaError, errorOf } from '@millrace/wire';

/** Every way in which talking to a broker can fail. */
const kinds = {
  /** The connection ended before the answer came, or could not be made. */
  DISCONNECTED: { httpStatus: 503, retriable: true },
  /** The broker took longer than the request may take. */
  TIMED_OUT: { httpStatus: 503, retriable: true },
  /** The broker does not know us, or we do not know it. */
  AUTHENTICATION_FAILED: { httpStatus: 500, retriable: false },
  /** The certificate of the broker is none that we trust, or that of another host. */
  UNTRUSTED_BROKER: { httpStatus: 500, retriable: false },
  /** The client was closed. */
  CLOSED: { httpStatus: 503, retriable: false },
  /** The broker lacks every version of a request that this client knows. */
  UNSUPPORTED_VERSION: { httpStatus: 500, retriable: false },
  /** The broker sent what is not Kafka's protocol. */
  MALFORMED: { httpStatus: 500, retriable: false },
  /** The broker refused; `kafka` says why. Whether it can be tried again depends on that. */
  REFUSED: { httpStatus: 500, retriable: false },
  /** As `REFUSED`, for reasons that pass. */
  UNAVAILABLE: { httpStatus: 503, retriable: true },
  NO_SUCH_TOPIC: { httpStatus: 503, retriable: true },
  RECORD_TOO_LARGE: { httpStatus: 413, retriable: false },
  /** More is waiting to be sent than the producer may hold. */
  BUFFER_FULL: { httpStatus: 503, retriable: true },
  /** The records may or may not be in the log. */
  DELIVERY_TIMED_OUT: { httpStatus: 503, retriable: true },
  OFFSET_OUT_OF_RANGE: { httpStatus: 500, retriable: false },
  /** C3. Somebody else has the transactional id; nothing was committed. */
  FENCED: { httpStatus: 503, retriable: false },
  /** C3. The transaction did not commit. */
  ABORTED: { httpStatus: 503, retriable: true },
  /** C3. The transaction may or may not have committed. */
  UNCLEAR: { httpStatus: 503, retriable: true },
} as const satisfies Record<string, ErrorKind>;

export type ClientErrorCode = keyof typeof kinds;

export class ClientError extends OperationalError<ClientErrorCode> {
  override readonly name = 'ClientError';
  /** What the broker said, where it said something. */
  readonly kafka: KafkaError | undefined;

  constructor(code: ClientErrorCode, message: string, options: ErrorOptions & { readonly kafka?: KafkaError } = {}) {
    super(code, kinds[code], message, options);
    this.kafka = options.kafka;
  }
}

/** The error for a code that a broker answered with. */
export function refused(errorCode: number, what: string): ClientError {
  const kafka = errorOf(errorCode);
  const code =
    kafka.name === 'OFFSET_OUT_OF_RANGE' ? 'OFFSET_OUT_OF_RANGE' : kafka.retriable ? 'UNAVAILABLE' : 'REFUSED';
  return new ClientError(code, `expected the broker to ${what}, found ${kafka.name}: ${kafka.message}`, { kafka });
}

export function asClientError(thrown: unknown): ClientError {
  if (thrown instanceof ClientError) return thrown;
  const message = thrown instanceof Error ? thrown.message : String(thrown);
  return new ClientError('MALFORMED', `expected an answer that can be read: ${message}`, { cause: thrown });
}
