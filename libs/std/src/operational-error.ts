/**
 * What can go wrong in operation, as opposed to a bug: each error has a stable code, says how HTTP answers it and
 * whether doing the same again can help. A lib that has such errors keeps one table of them.
 */
export interface ErrorKind {
  readonly httpStatus: number;
  readonly retriable: boolean;
}

export class OperationalError<Code extends string = string> extends Error {
  override readonly name: string = 'OperationalError';
  readonly code: Code;
  readonly httpStatus: number;
  readonly retriable: boolean;

  constructor(code: Code, kind: ErrorKind, message: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.httpStatus = kind.httpStatus;
    this.retriable = kind.retriable;
  }
}

/** The message of anything that was thrown. */
export function messageOf(thrown: unknown): string {
  return thrown instanceof Error ? thrown.message : String(thrown);
}
