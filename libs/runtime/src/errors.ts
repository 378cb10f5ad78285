import { OperationalError } from '@millrace/std';

/** What can go wrong around the log, in one table. */
export const runtimeErrors = {
  /** A core topic is not as the engine needs it. */
  TOPIC_MISCONFIGURED: { httpStatus: 500, retriable: false },
  /** Events that the state can't be folded without are gone. */
  EVENTS_MISSING: { httpStatus: 500, retriable: false },
  /** Commands that were never decided are gone. */
  COMMANDS_MISSING: { httpStatus: 500, retriable: false },
  /** A definition that a command depends on did not arrive. */
  DEFINITION_MISSING: { httpStatus: 503, retriable: true },
  /** The rows that changed are due again with the next one. */
  CHECKPOINT_FAILED: { httpStatus: 503, retriable: true },
  /** A command names nothing that can exist. */
  NO_SUCH_PARTITION: { httpStatus: 404, retriable: false },
  /** More commands wait for the broker than may. */
  OVERLOADED: { httpStatus: 503, retriable: true },
  NOT_STARTED: { httpStatus: 503, retriable: true },
} as const;

export class RuntimeError extends OperationalError<keyof typeof runtimeErrors> {
  override readonly name = 'RuntimeError';

  constructor(code: keyof typeof runtimeErrors, message: string, options?: ErrorOptions) {
    super(code, runtimeErrors[code], message, options);
  }
}
