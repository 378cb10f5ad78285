import { type ErrorKind, OperationalError } from '@millrace/std';

/** Everything that reading bytes of others can end in. */
const kinds = {
  MALFORMED: { httpStatus: 400, retriable: false },
  FRAME_TOO_LARGE: { httpStatus: 413, retriable: false },
  RECORDS_TOO_LARGE: { httpStatus: 413, retriable: false },
  UNSUPPORTED_CODEC: { httpStatus: 415, retriable: false },
  UNSUPPORTED_VERSION: { httpStatus: 400, retriable: false },
} as const satisfies Record<string, ErrorKind>;

export type WireErrorCode = keyof typeof kinds;

export class WireError extends OperationalError<WireErrorCode> {
  override readonly name: string = 'WireError';

  constructor(code: WireErrorCode, message: string) {
    super(code, kinds[code], message);
  }
}

/** Bytes that are not what their schema says. Names the field, what was expected and what was found. */
export class DecodeError extends WireError {
  override readonly name = 'DecodeError';
  readonly problem: string;
  /** From the outermost field inwards, such as `topics[2].partitions[0].records`. */
  readonly path: string;

  constructor(problem: string, path = '', subject = '') {
    super('MALFORMED', [subject, path, problem].filter((part) => part !== '').join(': '));
    this.problem = problem;
    this.path = path;
  }

  /** The same error seen from one level further out. */
  within(name: string): DecodeError {
    const separator = this.path === '' || this.path.startsWith('[') ? '' : '.';
    return new DecodeError(this.problem, `${name}${separator}${this.path}`);
  }

  of(subject: string): DecodeError {
    return new DecodeError(this.problem, this.path, subject);
  }
}
