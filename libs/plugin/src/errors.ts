/** Something the business knows about (`UNKNOWN_CUSTOMER`): thrown by a handler, caught by an error boundary event of the
 *  process. Without one that catches its code it becomes an incident. */
export class BpmnError extends Error {
  override readonly name = 'BpmnError';
  readonly code: string;
  /** Given to the process where the error is caught. */
  readonly variables: Readonly<Record<string, unknown>>;

  constructor(code: string, message = '', variables: Readonly<Record<string, unknown>> = {}) {
    super(message);
    if (code === '') throw new TypeError('expected a BPMN error to have a code, found an empty one');
    this.code = code;
    this.variables = variables;
  }
}

/** The work could not be done this time: the engine offers the job again until its retries are used up, then it becomes an
 *  incident. Any other error a handler throws counts as this one, without a say in when. */
export class JobFailure extends Error {
  override readonly name = 'JobFailure';
  readonly retryAfterMs: number | undefined;

  constructor(message: string, options: { readonly retryAfterMs?: number; readonly cause?: unknown } = {}) {
    super(message, { cause: options.cause });
    const { retryAfterMs } = options;
    if (retryAfterMs !== undefined && !(Number.isFinite(retryAfterMs) && retryAfterMs >= 0)) {
      throw new TypeError(`expected retryAfterMs to be milliseconds, found ${retryAfterMs}`);
    }
    this.retryAfterMs = retryAfterMs;
  }
}
