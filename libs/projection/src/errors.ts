import { OperationalError } from '@millrace/std';

export const projectionErrors = {
  WAIT_TIMED_OUT: { httpStatus: 504, retriable: true },
  OVERLOADED: { httpStatus: 503, retriable: true },
  PROJECTION_CLOSED: { httpStatus: 503, retriable: true },
  NO_EVENTS_TOPIC: { httpStatus: 503, retriable: true },
  INVALID_CURSOR: { httpStatus: 400, retriable: false },
} as const;

export class ProjectionError extends OperationalError<keyof typeof projectionErrors> {
  override readonly name = 'ProjectionError';

  constructor(code: keyof typeof projectionErrors, message: string) {
    super(code, projectionErrors[code], message);
  }
}
